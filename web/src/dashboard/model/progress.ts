// How far the page is, as a line.

import { durationText, type Progress } from "./meter";

/** The line: `212 of 500 · 60 calls/s · 5 s left · 0 limited`. */
export function progressText(of: Progress): string {
  const people = `${of.done} of ${of.expected}`;
  const cost = `${of.calls} ${of.calls === 1 ? "call" : "calls"}${of.saved > 0 ? `, ${of.saved} saved` : ""}`;
  const listing = of.expected > 0 ? `Listing people: ${of.expected} so far` : "Listing people …";
  switch (of.state) {
    case "idle":
      if (of.expected === 0 && of.calls + of.saved === 0) return listing; // it is just about to begin
      return `${of.done === of.expected ? `${of.expected} people` : people} · ${cost} · ${of.limited} limited`;
    case "cancelled":
      if (of.expected === 0) return "Cancelled; nobody is listed";
      return `Cancelled at ${people} · ${cost}; what came is here`;
    case "stopped":
      return of.expected === 0 ? "Stopped; nobody is listed" : `Stopped at ${people} · ${cost}; what came is here`;
    case "people":
      return listing;
    default: {
      if (of.expected === 0) return `Listing people: ${waitText(of)}`;
      const parts = [people];
      // Where what comes was known already, there is no rate.
      parts.push(of.calls === 0 && of.saved > 0 ? `${of.saved} saved` : `${Math.round(of.rate)} calls/s`);
      if (of.state === "waiting") parts.push(waitText(of));
      else if (of.left !== undefined && of.rate >= 1) parts.push(`${durationText(of.left)} left`);
      parts.push(`${of.limited} limited`);
      return parts.join(" · ");
    }
  }
}

function waitText({ waitsFor }: Progress): string {
  return waitsFor?.code === "RATE_LIMITED" ? "waiting for the budget" : "trying again by itself";
}
