/** Trains 600k Gaussians for a few steps and prints this process's largest resident set: run by bench-step.ts in a process of its own. */
import { openEngine } from '../../host/run/compose.js';
import { describeStep } from './measure-step.js';
import { createSyntheticScene } from './synthetic-scene.js';

const GAUSSIANS = 600_000;
const [WIDTH, HEIGHT] = [504, 378];
const STEPS = 5;

const engine = await openEngine('wasm', 2);
const { camera, splats } = createSyntheticScene(GAUSSIANS, WIDTH, HEIGHT, 1);
const scene = await engine.splatting.createScene(splats, null);
const target = await engine.splatting.createTarget({
  camera,
  color: new Float32Array(WIDTH * HEIGHT * 3).fill(0.5),
  weights: null,
  tvWeights: null,
  priorInverseDepth: null,
});
for (let iteration = 1; iteration <= STEPS; iteration++) {
  await engine.splatting.step(scene, describeStep(target, iteration));
}
await engine.splatting.readSplats(scene);
await engine.dispose();
// maxRSS is in KiB on every system that Node runs on.
console.log(JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1024 }));
