import { useId } from "react";
import type { Can, Options } from "../lib/options";
import { FIELDS, type Field } from "./settingsFields";
import { SpeakerCountField } from "./SpeakerCountField";
import { Switch } from "./ui/Switch";

interface SettingsPanelProps {
  options: Options;
  can: Can;
  onChange: (changes: Partial<Options>) => void;
}

/** How recordings are to be transcribed: the table in `settingsFields.ts`, row by row. */
export function SettingsPanel({ options, can, onChange }: SettingsPanelProps) {
  return (
    <section className="settings" aria-label="Settings">
      {FIELDS.filter((field) => field.isOffered(can, options)).map((field) => (
        <FieldRow key={field.key} {...{ field, options, can, onChange }} />
      ))}
    </section>
  );
}

function FieldRow({ field, options, can, onChange }: SettingsPanelProps & { field: Field }) {
  const id = useId();
  switch (field.kind) {
    case "switch":
      return (
        <div className="field inline">
          <label htmlFor={id}>{field.label}</label>
          <Switch
            id={id}
            isOn={options[field.key]}
            onChange={(isOn) => {
              onChange({ [field.key]: isOn });
            }}
          />
        </div>
      );
    case "speakers":
      return <SpeakerCountField label={field.label} options={options} onChange={onChange} />;
    case "select":
      return (
        <div className="field">
          <label htmlFor={id}>{field.label}</label>
          <select
            id={id}
            value={options[field.key]}
            onChange={(event) => {
              onChange({ [field.key]: event.target.value });
            }}
          >
            {field.choices(can).map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </div>
      );
    case "text":
      return (
        <div className="field">
          <label htmlFor={id}>{field.label}</label>
          <input
            id={id}
            value={options[field.key]}
            placeholder={field.placeholder}
            onChange={(event) => {
              onChange({ [field.key]: event.target.value });
            }}
          />
        </div>
      );
  }
}
