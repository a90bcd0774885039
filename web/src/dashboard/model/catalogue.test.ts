import { describe, expect, test } from "vitest";
import {
  find,
  firstColumns,
  fromZoom,
  input,
  type Json,
  search,
  sectionName,
  selection,
  settings,
  shortName,
  toZoom,
  valueAt,
  viewsOf,
} from "./catalogue";
import { settingsOf } from "./fake";
import { namesOfTheService } from "./table";

const one = (id: string) => settingsOf(id)[0] as (typeof settings)[number];

test("the first columns are all in the schema", () => {
  expect(firstColumns).toHaveLength(12);
});

describe("names", () => {
  test("each setting is found by its id and by Zoom's names, which are no other setting's", () => {
    const names = new Map<string, string>();
    for (const setting of settings) {
      for (const name of new Set([setting.id, setting.zoom])) {
        expect(find(name)?.id, name).toBe(setting.id);
        expect(names.get(name) ?? setting.id, name).toBe(setting.id);
        names.set(name, setting.id);
      }
    }
    expect(find("")).toBeUndefined();
    expect(find("__proto__")).toBeUndefined();
  });

  test.each([
    ["inMeeting.waitingRoom", "in_meeting.waiting_room", "waiting_room", "waiting_room", null],
    [
      "inMeeting.webinarChat.allowUsersSaveChats",
      "in_meeting.webinar_chat.allow_users_save_chats",
      "webinar_chat",
      "webinar_chat.allow_users_save_chats",
      null,
    ],
    [
      "meetingSecurity.autoSecurity",
      "meeting_security.auto_security",
      "auto_security",
      "auto_security",
      "MEETING_SECURITY",
    ],
    // The answers to these views have no section of their own.
    [
      "meetingAuthentication.allowAuthenticationException",
      "allow_authentication_exception",
      "allow_authentication_exception",
      "allow_authentication_exception",
      "MEETING_AUTHENTICATION",
    ],
    [
      "recordingAuthentication.recordingAuthentication",
      "recording_authentication",
      "recording_authentication",
      "recording_authentication",
      "RECORDING_AUTHENTICATION",
    ],
  ])("%s", (id, zoom, name, short, view) => {
    const setting = one(id);
    expect(setting).toMatchObject({ zoom, name, view });
    expect(shortName(setting)).toBe(short);
  });

  test("are those that the service has for what it asks Zoom", () => {
    const known = namesOfTheService();
    const unknown = settings.filter(({ zoom, name }) => !known.has(zoom.slice(0, zoom.indexOf(name) + name.length)));
    expect(unknown.map(({ id }) => id)).toEqual([]);
    expect(known.size).toBeGreaterThan(150);
  });

  test("sections read as words", () => {
    expect(sectionName("inMeeting")).toBe("In meeting");
    expect(sectionName("tsp")).toBe("Tsp");
  });
});

describe("searching", () => {
  test.each([
    ["waiting_room", "inMeeting.waitingRoom"],
    ["Waiting Room", "inMeeting.waitingRoom"],
    ["in_meeting.chat", "inMeeting.chat"],
    ["hostVideo", "scheduleMeeting.hostVideo"],
  ])("%s finds it among the first", (text, id) => {
    expect(
      search(text)
        .slice(0, 5)
        .map((setting) => setting.id),
    ).toContain(id);
  });

  test("puts names that begin so before those that are only about it, and keeps the schema's order otherwise", () => {
    const found = search("chat");
    const begins = found.map(
      (setting) => shortName(setting).startsWith("chat") || setting.path.at(-1)?.startsWith("chat"),
    );
    expect(begins).toContain(true);
    expect(begins).toContain(false);
    expect(begins.lastIndexOf(true)).toBeLessThan(begins.indexOf(false));
    const places = found.slice(begins.indexOf(false)).map((setting) => settings.indexOf(setting));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test("for nothing finds all, for nonsense none, and changes no order for others", () => {
    const before = settings.map(({ id }) => id);
    expect(search("  ")).toHaveLength(settings.length);
    expect(search("zzz qqq")).toEqual([]);
    search("a");
    expect(settings.map(({ id }) => id)).toEqual(before);
  });
});

describe("documents of a choice", () => {
  const some = settingsOf(
    "inMeeting.chat",
    "scheduleMeeting.hostVideo",
    "inMeeting.webinarChat.enable",
    "inMeeting.waitingRoom",
  );

  test("a selection names each section once", () => {
    expect(selection(some)).toBe(
      "{ inMeeting { chat webinarChat { enable } waitingRoom } scheduleMeeting { hostVideo } }",
    );
  });

  test("an input holds each value at its place, null among them", () => {
    const values: Json[] = [true, null, false, ["a"]];
    const changes = some.map((setting, i) => ({ setting, value: values[i] as Json }));
    const made = input(changes);
    expect(made).toEqual({
      inMeeting: { chat: true, webinarChat: { enable: false }, waitingRoom: ["a"] },
      scheduleMeeting: { hostVideo: null },
    });
    for (const { setting, value } of changes) expect(valueAt(made, setting.path)).toEqual(value);
  });

  test("there is no value below what is none", () => {
    for (const nothing of [null, undefined, 1, {}, { inMeeting: null }]) {
      expect(valueAt(nothing, ["inMeeting", "chat"])).toBeUndefined();
    }
  });

  test("each of Zoom's views is a call", () => {
    expect(viewsOf(some)).toBe(1);
    expect(
      viewsOf([...some, one("meetingSecurity.autoSecurity"), one("recordingAuthentication.recordingAuthentication")]),
    ).toBe(3);
    expect(viewsOf([])).toBe(0);
  });
});

describe("Zoom's spelling", () => {
  const enums = settings.filter(({ values }) => values);

  test.each(enums.map((setting) => [setting.id, setting] as const))("%s goes there and back", (_, setting) => {
    expect(setting.values?.length).toBeGreaterThan(0);
    for (const { name, zoom } of setting.values ?? []) {
      const value = setting.list ? [name] : name;
      const spelled = toZoom(setting, value);
      expect([spelled].flat().map(String)).toEqual([zoom]);
      expect(fromZoom(setting, spelled)).toEqual(value);
      expect(fromZoom(setting, value)).toEqual(value);
    }
  });

  test("numbers are numbers, other values stay as they are", () => {
    const who = one("meetingSecurity.waitingRoomSettings.participantsToPlaceInWaitingRoom");
    expect(who.values?.map(({ name }) => toZoom(who, name))).toEqual([0, 1, 2]);
    expect(fromZoom(who, 2)).toBe(who.values?.[2]?.name);
    expect(toZoom(who, "NEWER")).toBe("NEWER");
    expect(fromZoom(who, 99)).toBe(99);
    expect(toZoom(one("inMeeting.chat"), true)).toBe(true);
  });
});
