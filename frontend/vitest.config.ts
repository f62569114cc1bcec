import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["frontend/**/*.test.{ts,tsx}", "plugins/*/frontend/**/*.test.{ts,tsx}"],
    environment: "happy-dom",
  },
});
