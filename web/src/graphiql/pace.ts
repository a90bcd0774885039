import type { Price } from "./runs";
import { timeText } from "./waterfall";

// How long an operation's calls would take, in words.

/** From so many seconds on it is said what takes so long. */
const long = 10;

/** How long the calls of an operation would take, and where that is long, which label makes it so. */
export function paceText({ seconds, slowest }: Pick<Price, "seconds" | "slowest">): string {
  if (seconds === undefined) return "Calls are not paced here.";
  const text = `At this account's rate they take ${durationText(seconds)}.`;
  if (!slowest || seconds < long) return text;
  return `${text} That is because of the ${slowest.label} calls, of which it may send ${rateText(slowest.perMinute)}.`;
}

/** A time as people read it: from two minutes on in minutes. */
function durationText(seconds: number): string {
  if (seconds < 120) return timeText(seconds * 1000);
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return `${Math.floor(whole / 60)} min${rest ? ` ${rest} s` : ""}`;
}

function rateText(perMinute: number): string {
  const [n, time] = perMinute < 60 ? [perMinute, "minute"] : [perMinute / 60, "second"];
  return `${Number(n.toFixed(1))} a ${time}`;
}
