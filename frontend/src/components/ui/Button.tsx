import { forwardRef, type ComponentPropsWithoutRef } from "react";
import { Icon, type IconName } from "./Icon";

interface Looks {
  look?: "plain" | "primary" | "quiet" | "danger";
  icon?: IconName;
}

export const Button = forwardRef<HTMLButtonElement, ComponentPropsWithoutRef<"button"> & Looks>(
  function Button({ look = "plain", icon, children, className = "", ...rest }, ref) {
    return (
      <button ref={ref} type="button" className={`button ${look} ${className}`} {...rest}>
        {icon && <Icon name={icon} />}
        {children}
      </button>
    );
  },
);

type IconButtonProps = ComponentPropsWithoutRef<"button"> & { icon: IconName; label: string };

/** A button without words: its label is read out, and shown when one lingers. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { icon, label, className = "", ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type="button"
      className={`icon-button ${className}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      <Icon name={icon} />
    </button>
  );
});
