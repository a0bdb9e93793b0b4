import type { Command } from 'commander';
import { defaultMemoryBudgetBytes, describeMachine, probeWasmFeatures, readVersions } from '../../host/machine.js';
import { areLearnedFeaturesInstalled } from '../../host/poses/feature-choice.js';
import { findInstalledCameraModels } from '../../host/poses/open-camera-model.js';
import { DEPTH_NETWORKS } from '../../native-models/manifest.js';
import { locateModelFolder } from '../../native-models/store.js';
import { chooseBackend, findInstalledDepthModels } from '../../host/run/compose.js';
import { formatBytes } from '../../host/run/format-text.js';
import { printJsonLine, printLine } from '../terminal.js';

/** Loads a module only to see whether it can be; null when it can, else why not. */
async function tryImport(name: string): Promise<string | null> {
  try {
    await import(name);
    return null;
  } catch (error) {
    return ((error as Error).message.split('\n')[0] as string).slice(0, 200);
  }
}

async function examine() {
  const [onnxruntime, tfjsGpu, tfjsWasm, tfjsCpu, sharp] = await Promise.all(
    [
      'onnxruntime-node',
      '@tensorflow/tfjs-node-gpu',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-cpu',
      'sharp',
    ].map(tryImport),
  );
  return {
    versions: readVersions(),
    machine: describeMachine(),
    wasm: probeWasmFeatures(),
    backend: chooseBackend(),
    memoryBudgetBytes: defaultMemoryBudgetBytes(),
    photos: { sharp: sharp === null, problem: sharp },
    onnxruntime: { loads: onnxruntime === null, problem: onnxruntime },
    tensorflow: {
      'tfjs-node-gpu': tfjsGpu === null,
      'tfjs-backend-wasm': tfjsWasm === null,
      'tfjs-backend-cpu': tfjsCpu === null,
    },
    learnedFeatures: areLearnedFeaturesInstalled(),
    cameraModels: findInstalledCameraModels(),
    depthModels: {
      folder: locateModelFolder(),
      found: findInstalledDepthModels(),
      known: DEPTH_NETWORKS.map(({ name, url, bytes, licence }) => ({ name, url, bytes, licence })),
    },
  };
}

type Findings = Awaited<ReturnType<typeof examine>>;

function describeFindings(findings: Findings): string[] {
  const yesNo = (good: boolean): string => (good ? 'yes' : 'no');
  const { machine, wasm, versions, tensorflow, depthModels, cameraModels, onnxruntime, photos } = findings;
  const tfjs = Object.entries(tensorflow)
    .filter(([, isThere]) => isThere)
    .map(([name]) => name);
  return [
    `vantage ${versions['vantage']}, Node.js ${versions['node']}, ${machine.platform} ${machine.architecture}`,
    `processor        ${machine.cpu}, ${machine.cores} ${machine.cores === 1 ? 'core' : 'cores'} usable`,
    `memory           ${formatBytes(machine.memoryBytes)}, ${formatBytes(machine.freeMemoryBytes)} free; a run may take ${formatBytes(findings.memoryBudgetBytes)}`,
    `WebAssembly      SIMD ${yesNo(wasm.simd)}, threads ${yesNo(wasm.threads)}, shared memory ${yesNo(wasm.sharedMemory)}`,
    `backend          ${findings.backend}${findings.backend === 'reference' ? ' (slow: WebAssembly lacks something here)' : ''}`,
    `photos           sharp ${photos.sharp ? versions['sharp'] : `does not load: ${photos.problem}`}`,
    `ONNX Runtime     ${onnxruntime.loads ? versions['onnxruntime-node'] : `does not load: ${onnxruntime.problem}`}`,
    `TensorFlow.js    ${tfjs.length === 0 ? 'none' : tfjs.join(', ')}`,
    `features         ${findings.learnedFeatures ? 'akaze, xfeat' : 'akaze; xfeat is not installed (see "vantage models")'}`,
    `camera networks  ${cameraModels.length === 0 ? 'none installed: cameras come from matches alone' : cameraModels.join(', ')}`,
    `depth networks   ${depthModels.found.length === 0 ? 'none installed: depth comes from matching the photos' : depthModels.found.join(', ')}`,
    `                 they belong in ${depthModels.folder}`,
  ];
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('tell what this machine offers and what a run would use')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  vantage doctor --json | jq .backend')
    .action(async (options: { json?: boolean }) => {
      const findings = await examine();
      if (options.json === true) printJsonLine({ type: 'result', ...findings });
      else describeFindings(findings).forEach((line) => printLine(line));
    });
}
