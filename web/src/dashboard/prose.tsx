// A description of the schema's, in which names stand between backticks.

export function Prose({ text }: { text: string }) {
  return text
    .split("`")
    .map((part, i) => ({ at: i, part }))
    .map(({ at, part }) => (at % 2 === 1 ? <code key={at}>{part}</code> : part));
}
