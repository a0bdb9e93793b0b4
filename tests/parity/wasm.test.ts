import { afterAll, beforeAll } from 'vitest';
import type { SplattingBackend } from '../../engine/splatting/contract.js';
import { createWasmBackend } from '../../engine/splatting/wasm/wasm-backend.js';
import type { WasmRuntime } from '../../engine/wasm/wasm-runtime.js';
import { startWasmRuntime } from '../../host/wasm-runtime.js';
import { describeBehaviour } from './describe-behaviour.js';
import { describeRenderParity } from './describe-render-parity.js';
import { describeSavedState } from './describe-saved-state.js';
import { describeStepParity } from './describe-step-parity.js';

/** Three threads share the work unevenly, and more of them than there are tiles in the small scenes have none. */
const THREADS = [1, 3];

for (const threads of THREADS) {
  let runtime: WasmRuntime;
  let backend: SplattingBackend;
  const name = `wasm, ${threads} thread${threads === 1 ? '' : 's'}`;
  beforeAll(async () => {
    runtime = await startWasmRuntime({ threads });
    backend = createWasmBackend(runtime);
  });
  afterAll(async () => {
    await backend.dispose();
    await runtime.dispose();
  });
  describeRenderParity(name, () => backend);
  describeStepParity(name, () => backend);
  describeBehaviour(name, () => backend);
  describeSavedState(name, () => backend);
}
