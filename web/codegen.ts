import type { CodegenConfig } from "@graphql-codegen/cli";

// Everything in src/gql is written from the schema, before each build and each check; nothing of it is kept.
const config: CodegenConfig = {
  schema: ["../schema.graphqls", "../graph/schema/*.graphqls"],
  documents: ["src/**/documents.ts"],
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: "string", ID: "string", JSON: "unknown", Long: "number", Upload: "File" },
      },
    },
    "src/gql/catalogue.json": { plugins: ["./codegen/catalogue.cjs"] },
  },
};

export default config;
