/** How a plugin's page is built: one ES module and one stylesheet, with the modules that the shell shares left out. */

/** CommonJS packages that the shell shares through its import map; their names are spelt out at build time. */
export const sharedCommonJs = ["react", "react-dom", "react-dom/client", "react/jsx-runtime"];

/** ES modules that the shell shares through its import map. */
export const sharedModules = ["@jackfield/kit", "@tanstack/react-router", "urql"];

/**
 * Vite's configuration for a page: `src/index.tsx` becomes `index.js` and `index.css` in `outDir`.
 *
 * The names carry no hash: the server puts the plugin's version into the address.
 *
 * @param {{ outDir: string }} options
 * @returns {import("vite").UserConfig}
 */
export function pageBuild({ outDir }) {
  return {
    // React's shared build is the production one; a page that asked for another would bring a second copy.
    define: { "process.env.NODE_ENV": '"production"' },
    build: {
      outDir,
      emptyOutDir: true,
      assetsInlineLimit: 0, // the content security policy allows no data: fonts
      lib: { entry: "src/index.tsx", formats: ["es"], fileName: () => "index.js", cssFileName: "index" },
      rollupOptions: { external: [...sharedCommonJs, ...sharedModules] },
    },
  };
}
