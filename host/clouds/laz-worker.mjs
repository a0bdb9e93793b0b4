// A thread that decompresses LAZ with laz-rs, compiled to WebAssembly; see laz-thread.ts. It may trap, hang or fill its memory: then it ends.
import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

// @loaders.gl/las brings the one build of laz-rs that its authors publish, which checks every read; laz-perf reads on past a damaged chunk. The package exports its
// whole-file loader only, which would hold a file three times in memory, so its decompressor is asked for by its place in the package.
const entry = import.meta.resolve('@loaders.gl/las');
const { WasmLasZipDecompressor, initSync } = await import(new URL('./libs/laz-rs-wasm/laz_rs_wasm.js', entry).href);
initSync({ module: readFileSync(new URL('./libs/laz-rs-wasm/laz_rs_wasm_bg.wasm', entry)) });

let decompressor = null;

/** @param {{ file?: Uint8Array, pieceBytes: number }} request a chunk's file to begin with, or none to go on with the last one */
function decompress({ file, pieceBytes }) {
  if (file !== undefined) {
    decompressor?.free();
    decompressor = null;
    decompressor = new WasmLasZipDecompressor(file);
  }
  const records = new Uint8Array(pieceBytes);
  decompressor.decompress_many(records);
  return records;
}

parentPort.on('message', (request) => {
  try {
    const records = decompress(request);
    parentPort.postMessage({ records }, [records.buffer]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    parentPort.postMessage({ error: message, isOutOfMemory: error instanceof RangeError });
  }
});
