import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The service embeds the built pages as they are sent, compressed: it needs neither the time nor the second copy.
function compressed(): Plugin {
  let outDir = "";
  return {
    name: "compressed",
    apply: "build",
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(outDir, { recursive: true, encoding: "utf8" })) {
        const file = join(outDir, name);
        if (!statSync(file).isFile() || name.endsWith(".gz")) continue;
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: constants.Z_BEST_COMPRESSION }));
        rmSync(file);
      }
      writeFileSync(join(outDir, ".keep"), "");
    },
  };
}

const service = process.env.ZOOMGRAPH_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), compressed()],
  base: "./", // the service may be below a path that only its operator knows
  build: {
    target: "es2023",
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // nothing inline: the pages' policy allows only files
    chunkSizeWarningLimit: 5000, // GraphiQL's editor is one
    rolldownOptions: {
      input: { dashboard: resolve("index.html"), graphiql: resolve("graphiql.html") },
      onLog(level, log, handle) {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log); // React's compiler has been over GraphiQL already
      },
    },
  },
  test: { include: ["src/**/*.test.ts"] }, // those in e2e are Playwright's
  server: {
    proxy: Object.fromEntries(
      ["/graphql", "/console.json", "/schema.graphqls", "/docs", "/sign-in", "/sign-out"].map((path) => [
        path,
        { target: service, ws: true },
      ]),
    ),
  },
});
