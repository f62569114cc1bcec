/** Vite plugin: builds the modules that pages share with the shell and writes the import map that names them. */

import { createRequire } from "node:module";

import { sharedCommonJs, sharedModules as sharedEsModules } from "@jackfield/kit/page-build";
import type { Plugin } from "vite";

const require = createRequire(import.meta.url);
const prefix = "\0shared:";
const placeholder = "<!-- import map -->";
const isIdentifier = /^[A-Za-z_$][\w$]*$/;

/**
 * Share React, the router, the GraphQL client and the kit with pages that are built elsewhere.
 *
 * Each becomes an entry of the shell's own build, so that shell and pages meet in the same chunks and there is one React.
 */
export function sharedModules(): Plugin {
  let base = "/";

  return {
    name: "jackfield:shared-modules",
    apply: "build",

    configResolved(config) {
      base = config.base;
    },

    buildStart() {
      for (const name of [...sharedCommonJs, ...sharedEsModules]) {
        this.emitFile({ type: "chunk", id: prefix + name, name: `shared-${name.replace(/[@/]/g, "_")}`, preserveSignature: "strict" });
      }
    },

    resolveId: (id) => (id.startsWith(prefix) ? id : undefined),

    load(id) {
      if (!id.startsWith(prefix)) return undefined;
      const name = id.slice(prefix.length);
      return sharedEsModules.includes(name) ? `export * from "${name}";` : commonJsAsModule(name);
    },

    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const imports: Record<string, string> = {};
        for (const name of [...sharedCommonJs, ...sharedEsModules]) {
          const chunk = Object.values(bundle ?? {}).find((file) => file.type === "chunk" && file.facadeModuleId === prefix + name);
          imports[name] = base + required(chunk?.fileName, name);
        }
        if (!html.includes(placeholder)) throw new Error(`index.html has no "${placeholder}" to put the import map in`);
        // Not minified further and not touched again: the server hashes exactly this text for the content security policy.
        return html.replace(placeholder, `<script type="importmap">${JSON.stringify({ imports })}</script>`);
      },
    },
  };
}

/** A CommonJS module cannot say which names it exports, so ask it now and spell them out. */
function commonJsAsModule(name: string): string {
  const names = Object.keys(require(name) as object).filter((key) => isIdentifier.test(key) && key !== "default");
  return `import * as all from "${name}"; export { ${names.join(", ")} } from "${name}"; export default all.default ?? all;`;
}

function required(fileName: string | undefined, name: string): string {
  if (fileName === undefined) throw new Error(`The build has no chunk for the shared module "${name}"`);
  return fileName;
}
