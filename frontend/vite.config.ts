import { defineConfig } from "vite";

import { sharedModules } from "./shared-modules.ts";

export default defineConfig({
  base: "/ui/shell/",
  plugins: [sharedModules()],
  build: {
    outDir: "../core/jackfield/ui/static/shell",
    emptyOutDir: true,
    assetsInlineLimit: 0, // the content security policy allows no data: fonts
    cssCodeSplit: false, // one sheet: pages use kit components that the shell itself may not
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // ECharts, which only charts load
  },
});
