import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Json } from "./catalogue";
import { cell } from "./cell";
import { csv } from "./csv";
import { boardOf, crowd, settingsOf } from "./fake";

const text = settingsOf("scheduleMeeting.pmiPassword");
const columns = settingsOf("scheduleMeeting.audioType", "inMeeting.allowUsersSaveChats");

function cellOf(value: Json): string {
  const board = boardOf(crowd(1));
  board.setCell(0, "scheduleMeeting.pmiPassword", cell("value", value));
  return csv(board, [0], text).split("\r\n").slice(1, -1).join("\r\n").replace("p0,p0@example.com,Person 0,,", "");
}

// The table of `zoomgraph export`.
const table: { value: Json; cell: string }[] = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../../../internal/export/testdata/cells.json"), "utf8"),
);

test.each(table)("$value", ({ value, cell }) => {
  expect(cellOf(value)).toBe(cell);
});

test("an enum's value stays as it is", () => {
  const board = boardOf(crowd(1));
  const [kind] = settingsOf("scheduleMeeting.audioType");
  board.setCell(0, kind?.id ?? "", cell("value", "-x;=y"));
  expect(csv(board, [0], kind ? [kind] : [])).toContain(",-x;=y\r\n");
});

test("a file has Zoom's names and spelling, only the rows that are shown, and nothing where there is no value", () => {
  const board = boardOf([
    ...crowd(2),
    { ...crowd(3)[2], id: "-x", name: "=HYPERLINK(1)", dept: "a,b" } as (typeof board.people)[number],
  ]);
  board.setCell(0, columns[0]?.id ?? "", cell("value", "TELEPHONY"));
  board.setCell(2, columns[1]?.id ?? "", cell("value", columns[1]?.values?.[0]?.name));
  board.setCell(2, columns[0]?.id ?? "", cell("absent"));
  expect(csv(board, [2, 0], columns)).toBe(
    [
      "id,email,name,department,schedule_meeting.audio_type,in_meeting.allow_users_save_chats",
      `-x,p2@example.com,'=HYPERLINK(1),"a,b",,${columns[1]?.values?.[0]?.zoom}`,
      "p0,p0@example.com,Person 0,,telephony,",
      "",
    ].join("\r\n"),
  );
});

test("for pasting there are tabs between the cells, and one within a text stays within it", () => {
  const board = boardOf(crowd(1).map((person) => ({ ...person, dept: "a\tb", name: 'x"\t' })));
  board.setCell(0, "scheduleMeeting.pmiPassword", cell("value", "1,2"));
  expect(csv(board, [0], text, "\t")).toBe(
    'id\temail\tname\tdepartment\tschedule_meeting.pmi_password\r\np0\tp0@example.com\t"x""\t"\t"a\tb"\t"1,2"\r\n',
  );
});
