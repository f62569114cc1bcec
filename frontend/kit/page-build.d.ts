import type { UserConfig } from "vite";

export declare const sharedCommonJs: readonly string[];
export declare const sharedModules: readonly string[];
export declare function pageBuild(options: { outDir: string }): UserConfig;
