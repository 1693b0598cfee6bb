import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig } from "vite";

const TARGET = "../static";
// The licences of OpenLayers, proj4 and what they bring ask to be given along with the script.
const LICENCES = "built/licences.txt";

/** Compressed once here, so that the server only sends files. */
function compressed() {
  return {
    name: "compressed",
    closeBundle() {
      const folder = join(import.meta.dirname, TARGET, "built");
      for (const name of readdirSync(folder).filter((file) => /\.(js|css|svg)$/.test(file))) {
        const content = readFileSync(join(folder, name));
        writeFileSync(join(folder, `${name}.br`), brotliCompressSync(content));
        writeFileSync(join(folder, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "/map/static/",
  build: {
    outDir: TARGET,
    emptyOutDir: true,
    assetsDir: "built",
    manifest: "manifest.json",
    modulePreload: false,
    license: { fileName: LICENCES },
    rollupOptions: {
      input: "src/main.ts",
      output: { postBanner: `/*! Licences of what is in here: /map/static/${LICENCES} */` },
    },
  },
  plugins: [compressed()],
});
