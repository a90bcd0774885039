// What it costs the page to load many people, without what the service and the network take:
//
//	npx vitest bench

import { bench } from "vitest";
import { Board } from "./board";
import { settings } from "./catalogue";
import { crowd, FakeService } from "./fake";
import { Loader } from "./loader";

const columns = settings.slice(0, 40);
const people = crowd(5000);

bench(
  "5,000 people × 40 settings",
  async () => {
    const service = new FakeService();
    service.people = people;
    service.latency = 0;
    const board = new Board((tell) => void setTimeout(tell, 16));
    const loader = new Loader(board, service.ask);
    loader.setColumns(columns);
    await loader.start(["ACTIVE"]);
    while (loader.progress.state !== "idle") await new Promise((done) => setTimeout(done));
    if (loader.progress.done !== people.length) throw new Error(`${loader.progress.done} people are there`);
  },
  { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 },
);
