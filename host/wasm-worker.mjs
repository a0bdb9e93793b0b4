// A worker thread of the WASM pool: instantiates the module on the shared memory and runs its loop until it is stopped.
import { parentPort, workerData } from 'node:worker_threads';

const { module, memory, threadIndex, stackTop, generation } = workerData;
const instance = new WebAssembly.Instance(module, { env: { memory } });
instance.exports.__stack_pointer.value = stackTop;
parentPort.postMessage('ready');
// The message must leave before the loop blocks this thread's event loop for good.
setImmediate(() => instance.exports.runtimeWorkerLoop(threadIndex, generation));
