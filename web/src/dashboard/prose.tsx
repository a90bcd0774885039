// Texts of the schema's: descriptions, in which names stand between backticks, and names, which may be broken where
// their words end.

export function Name({ of }: { of: string }) {
  return of.split(/(?<=[_.])/).map((part, i) => [i > 0 && <wbr key={part} />, part]);
}

export function Prose({ text }: { text: string }) {
  return text
    .split("`")
    .map((part, i) => ({ at: i, part }))
    .map(({ at, part }) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
