// A field for a value of a setting, whatever its kind.

import type { Json, Setting } from "../model/catalogue";
import { valueText } from "../model/cell";

interface Props {
  id: string;
  setting: Setting;
  value: Json;
  onChange(value: Json): void;
}

export function Editor({ id, setting, value, onChange }: Props) {
  if (setting.list) {
    const lines = Array.isArray(value) ? value.map(String).join("\n") : "";
    const read = (text: string) =>
      text
        .split("\n")
        .map((line) => line.trim())
        .filter(Boolean);
    const typed = (text: string) => (setting.kind === "Int" ? read(text).map(Number) : read(text));
    return (
      <textarea
        id={id}
        rows={4}
        defaultValue={lines}
        aria-label={`${setting.zoom}, one a line`}
        placeholder="one a line"
        onChange={(event) => onChange(typed(event.target.value))}
      />
    );
  }
  switch (setting.kind) {
    case "Boolean":
      return (
        <select
          id={id}
          value={typeof value === "boolean" ? String(value) : ""}
          onChange={(event) => onChange(event.target.value === "" ? null : event.target.value === "true")}
        >
          {typeof value !== "boolean" && <option value="">choose …</option>}
          <option value="true">on</option>
          <option value="false">off</option>
        </select>
      );
    case "ENUM":
      return (
        <select id={id} value={String(value ?? "")} onChange={(event) => onChange(event.target.value)}>
          {!setting.values?.some((v) => v.name === value) && <option value="">choose …</option>}
          {setting.values?.map((v) => (
            <option key={v.name} value={v.name} title={v.description ?? undefined}>
              {valueText(setting, v.name)}
            </option>
          ))}
        </select>
      );
    case "Int":
    case "Long":
      return (
        <input
          id={id}
          type="number"
          step={1}
          value={typeof value === "number" ? value : ""}
          onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
        />
      );
    default:
      return (
        <input
          id={id}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}

/** What an editor begins with. Where nothing is known that is nothing: absent does not look like off here either. */
export function firstValue(setting: Setting, known: Json | undefined): Json {
  if (known !== undefined) return known;
  return setting.list ? [] : null;
}
