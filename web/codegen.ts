import type { CodegenConfig } from "@graphql-codegen/cli";

// Everything in src/gql is written from the schema, before each build and each check; nothing of it is kept.
const config: CodegenConfig = {
  schema: ["../schema.graphqls", "../graph/schema/*.graphqls"],
  documents: ["src/**/*.graphql"],
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string", // parsed in the page: that is shorter than what a parser makes of them
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: "string", ID: "string", JSON: "unknown", Long: "number", Upload: "File" },
      },
    },
    "src/gql/catalogue.json": { plugins: ["./codegen/catalogue.cjs"] },
  },
};

export default config;
