// Makes one file of all modules that `recurra` loads: a host takes about a millisecond for each file, and the other entries of
// the package share these modules with it, which would tear them into twenty.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import * as esbuild from "esbuild";

const name = "core.js";

/**
 * @param {esbuild.BuildOptions} options Of the bundle of all entries.
 * @param {(options: esbuild.BuildOptions) => Promise<esbuild.BuildResult>} bundle
 * @returns {Promise<{ later: Record<string, string>, plugin: esbuild.Plugin, metafile: esbuild.Metafile }>} `later`: what the
 *   file loads when it is asked for, as entries that must be beside it; the plugin lets modules of other bundles take from the
 *   file what is in it.
 */
export async function buildCore(options, bundle) {
  const { metafile: all } = await esbuild.build({
    ...options,
    bundle: true,
    format: "esm",
    write: false,
    outdir: "dist",
    metafile: true,
  });
  // Lists of what is in other modules, and nothing else.
  const lists = ["ts/index.ts", "ts/inference.ts"];
  const modules = new Set(lists);
  for (const path of modules) {
    for (const { path: other, kind, external } of all.inputs[path].imports) {
      if (kind === "import-statement" && !external) modules.add(other);
    }
  }
  for (const list of lists) modules.delete(list);
  const core = [...modules];

  /** What others take from each module. */
  const taken = new Map(core.map((path) => [path, /** @type {Set<string>} */ (new Set())]));
  for (const path of Object.keys(all.inputs)) {
    if (modules.has(path) || !path.startsWith("ts/")) continue;
    for (const { from, names } of importsOf(path)) for (const each of names) taken.get(from)?.add(each);
  }
  const aliasOf = (/** @type {string} */ path, /** @type {string} */ each) => `${each}$${core.indexOf(path)}`;

  /** @type {Record<string, string>} */
  const later = {};
  const contents = core.flatMap((path) =>
    [...(taken.get(path) ?? [])].map(
      (each) => `export { ${each} as ${aliasOf(path, each)} } from "./${path}";`,
    ),
  );
  const { entryPoints: _, ...others } = options;
  const { metafile } = await bundle({
    ...others,
    entryPoints: { core: "all" },
    splitting: false,
    plugins: [
      {
        name: "later",
        setup(build) {
          build.onResolve({ filter: /^all$/ }, () => ({ path: "all", namespace: "all" }));
          build.onLoad({ filter: /.*/, namespace: "all" }, () => {
            return { contents: contents.join("\n"), resolveDir: resolve("."), loader: "ts" };
          });
          build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
            if (kind !== "dynamic-import") return undefined;
            const source = relative(".", sourceOf(join(resolveDir, path)));
            const entry = `later-${source.replace(/^.*\/|\.ts$/g, "")}`;
            later[entry] = source;
            return { path: `./${entry}.js`, external: true };
          });
        },
      },
    ],
  });

  // As one statement: for each name a statement of its own would take a host longer.
  const exported = lists.flatMap((list) =>
    importsOf(list).flatMap(({ from, names }) => names.map((each) => `${aliasOf(from, each)} as ${each}`)),
  );
  writeFileSync("dist/index.js", `export { ${exported.join(", ")} } from "./${name}";\n`);

  return {
    later,
    metafile: /** @type {esbuild.Metafile} */ (metafile),
    plugin: {
      name: "core",
      setup(build) {
        build.onResolve({ filter: /^\./ }, ({ path, importer, resolveDir, namespace }) => {
          if (namespace === "core") return { path: `./${name}`, external: true, sideEffects: false };
          const source = relative(".", sourceOf(join(resolveDir, path)));
          if (!importer || !modules.has(source)) return undefined;
          // Each importer has one of its own: what several shared would be a file again.
          return {
            path: `${source} for ${relative(".", importer)}`,
            namespace: "core",
            sideEffects: false,
            pluginData: source,
          };
        });
        build.onLoad({ filter: /.*/, namespace: "core" }, ({ pluginData: path }) => ({
          contents: [...(taken.get(path) ?? [])]
            .map((each) => `export { ${aliasOf(path, each)} as ${each} } from "./${name}";`)
            .join("\n"),
          resolveDir: resolve("."),
        }));
      },
    },
  };
}

/** @param {string} path */
function sourceOf(path) {
  const source = path.replace(/\.js$/, ".ts");
  return existsSync(source) ? source : path;
}

/**
 * What a source imports and exports from others, but for types.
 *
 * @param {string} path
 */
function importsOf(path) {
  const found = readFileSync(path, "utf8").matchAll(
    /^(?:import|export) (?!type\b)(?:\w+, )?\{([^}]*)\} from "(\.[^"]*)";$/gm,
  );
  return [...found].map(([, names, from]) => ({
    from: relative(".", sourceOf(resolve(dirname(path), from))),
    names: names
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "" && !each.startsWith("type "))
      .map((each) => each.replace(/ as \w+$/, "")),
  }));
}
