import { afterAll, beforeAll } from 'vitest';
import type { SplattingBackend } from '../../engine/splatting/contract.js';
import { createWasmBackend } from '../../engine/splatting/wasm/wasm-backend.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { startWasmRuntime } from '../../host/wasm-runtime.js';
import { describeRenderParity } from './describe-render-parity.js';

const THREADS = [1, 2];

for (const threads of THREADS) {
  let runtime: WasmRuntime;
  let backend: SplattingBackend;
  beforeAll(async () => {
    runtime = await startWasmRuntime({ threads });
    backend = createWasmBackend(runtime);
  });
  afterAll(async () => {
    await backend.dispose();
    await runtime.dispose();
  });
  describeRenderParity(`wasm, ${threads} thread(s)`, () => backend);
}
