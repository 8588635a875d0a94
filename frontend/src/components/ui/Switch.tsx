import * as Radix from "@radix-ui/react-switch";

interface SwitchProps {
  id: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

export function Switch({ id, isOn, onChange }: SwitchProps) {
  return (
    <Radix.Root id={id} className="switch" checked={isOn} onCheckedChange={onChange}>
      <Radix.Thumb className="switch-thumb" />
    </Radix.Root>
  );
}
