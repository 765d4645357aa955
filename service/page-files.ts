import { existsSync } from "node:fs";
import { basename, join } from "node:path";

/** A file of the dashboard, bundled. */
export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  /** Its name holds a hash of its content, so that a browser may keep it. */
  readonly isHashed: boolean;
}

const folder = join(import.meta.dir, "pages");

/**
 * The dashboard by path: `pages/NAME.html` at `/NAME`, `pages/index.html` at `/`, and the scripts and styles that they name, bundled by
 * Bun and held in memory. Served by our route and not by Bun's, which would leave out the headers.
 */
export async function bundlePages(): Promise<ReadonlyMap<string, PageFile>> {
  const entrypoints = existsSync(folder)
    ? [...new Bun.Glob("*.html").scanSync({ cwd: folder, absolute: true })].sort()
    : [];
  if (entrypoints.length === 0) return new Map();
  const built = await Bun.build({
    entrypoints,
    target: "browser",
    minify: true,
    splitting: true,
    publicPath: "/",
    naming: { chunk: "assets/[name]-[hash].[ext]", asset: "assets/[name]-[hash].[ext]" },
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const files = await Promise.all(
    built.outputs.map(async (output): Promise<[string, PageFile]> => {
      const name = output.path.replace(/^\.?\//, "");
      const isPage = name.endsWith(".html");
      const path = !isPage
        ? `/${name}`
        : basename(name) === "index.html"
          ? "/"
          : `/${basename(name, ".html")}`;
      const body = new Uint8Array(await output.arrayBuffer());
      return [path, { body, mediaType: output.type, isHashed: !isPage }];
    }),
  );
  return new Map(files);
}
