/**
 * The differentiable rasterizer's contract. A backend owns the memory: scenes, targets and optimiser state live behind
 * handles, a training step is *described* to it, and every call is asynchronous, so that a GPU can implement it without
 * reading anything back inside the loop. `reference/` (float64) is the definition; `wasm/` and `webgpu/` are tested against it.
 *
 * Forward model (Zwicker et al. 2001, EWA; Kerbl et al. 2023), for a Gaussian with mean m, rotation R(quat), scale s:
 *   p = cameraFromWorld · m, culled when p.z < NEAR_DEPTH
 *   Σ = R diag(s²) Rᵀ;  J = ∂(fx x/z + cx, fy y/z + cy)/∂p at p, with x/z and y/z clamped to ±FRUSTUM_CLAMP × the half field of view
 *                        (tan limits: 1.3 · 0.5 · width / fx, measured from the optical axis, as in INRIA's code);
 *                        where clamped, x/z is a constant: ∂J/∂x = 0, ∂(−fx lim / z)/∂z = fx lim / z² (exact, unlike INRIA's code)
 *   covariance2d = J W Σ Wᵀ Jᵀ + dilation · I;  conic = covariance2d⁻¹; culled unless covariance2d is finite and its determinant > 0
 *   α(u) = min(MAX_ALPHA, opacity · exp(-½ dᵀ conic d)), d = pixel centre − projected mean; contributions under MIN_ALPHA are skipped
 *   colour = max(0, 0.5 + SH(direction from camera centre to mean)), K = (degree + 1)² coefficients
 *   front to back by p.z (ties: lower index first):  w_i = α_i T_i,  T_{i+1} = T_i (1 − α_i);  a pixel stops before T would fall under MIN_TRANSMITTANCE
 *   outputs: color = Σ w_i c_i + T background,  depth = Σ w_i z_i (NOT divided by alpha),  alpha = Σ w_i = 1 − T
 * Every backend cuts the footprint the same way: a Gaussian is evaluated at every pixel where α ≥ MIN_ALPHA, and nowhere else.
 *
 * Backward model: the exact derivatives of the above with the order, the cut-offs and the stopping place held fixed; nothing
 * flows where α is clipped to MAX_ALPHA (neither to opacity nor to the shape) nor through a colour channel clipped at 0;
 * quaternions are normalised inside, so their gradient is orthogonal to them; the SH direction's derivative flows to the mean.
 * Spherical harmonics are real, with INRIA's signs: degree 1 is C1 · (−y, z, −x), C1 = √(3 / 4π).
 *
 * A camera's derivatives ({@link CameraGradient}) are exact in the same sense, with the whole scene at rest in the world, anchored
 * Gaussians and their anchors' origins included: only the camera moves. With p a point in the camera's frame, it moves by
 *   p' = exp([ω]×) p + ν,  (fx, fy)' = eˢ (fx, fy), principal point and size fixed,  at ω = ν = 0, s = 0:
 *   ∂ω = Σ_i p × ∂p + 2 axial(Σc ∂Σc),  Σc = W Σ Wᵀ, ∂Σc = Jᵀ ∂covariance2d J, axial(A) = (A12 − A21, A20 − A02, A01 − A10) from 0
 *   ∂ν = Σ_i ∂p + W ∂direction  (the camera's centre moves by −Wᵀ ν, and with it the direction that the colour is seen from)
 *   ∂s = Σ_i ∂u fx x/z + ∂v fy y/z + ∂J : J, where a clamped slope's column is left out: fx · (±lim) does not depend on fx
 * A gradient of camera and colours follows from per-Gaussian and per-pixel sums that a step makes anyway, in an order that does not
 * depend on threads; it is a few numbers, read back together with the loss.
 */
import type { Mat3, Vec3 } from '../math/rigid-transform.js';
import type { Camera } from '../scene/camera.js';
import type { Splats } from '../scene/splats.js';

export const NEAR_DEPTH = 0.01;
export const MIN_ALPHA = 1 / 255;
/**
 * 0.99 as float32 has it: two Gaussians of this α leave T = 0.9999981e-4, under MIN_TRANSMITTANCE in every precision; with 0.99 itself the
 * stop would hang on rounding.
 */
export const MAX_ALPHA = Math.fround(0.99);
export const MIN_TRANSMITTANCE = 1e-4;
export const FRUSTUM_CLAMP = 1.3;
/** px² added to both diagonal entries of covariance2d (INRIA's low-pass). */
export const DEFAULT_DILATION = 0.3;
export const TILE_SIZE = 16;

export type BackendName = 'reference' | 'wasm' | 'webgpu';

/** A scene (parameters, optimiser state, statistics) that a backend owns. */
export interface SceneHandle {
  readonly backend: BackendName;
  readonly id: number;
}

/** A photo and what belongs to it, uploaded once. */
export interface TargetHandle {
  readonly backend: BackendName;
  readonly id: number;
}

export interface RenderOptions {
  readonly background: readonly [number, number, number];
  /** Degree actually evaluated, at most the scene's. */
  readonly shDegree: number;
  /** px²; DEFAULT_DILATION unless supersampling. */
  readonly dilation: number;
}

/** Images as the forward model defines them, row-major. */
export interface RenderedView {
  readonly width: number;
  readonly height: number;
  /** [H, W, 3] */
  readonly color: Float32Array;
  /** [H, W] Σ w z; divide by alpha to compare with a measurement. */
  readonly depth: Float32Array;
  /** [H, W] */
  readonly alpha: Float32Array;
}

/** Derivatives of some scalar with respect to the three output images; same shapes as {@link RenderedView}. */
export interface ImageGradients {
  readonly gradColor: Float32Array;
  readonly gradDepth: Float32Array;
  readonly gradAlpha: Float32Array;
}

/** Derivatives of that scalar with respect to every stored parameter; same shapes as {@link Splats}. */
export interface SplatGradients {
  readonly gradMeans: Float32Array;
  readonly gradQuats: Float32Array;
  readonly gradLogScales: Float32Array;
  readonly gradRawOpacities: Float32Array;
  readonly gradShCoeffs: Float32Array;
}

/** Derivatives of that scalar with respect to how the camera stands and zooms; the motion (ω, ν, s) is the module's. */
export interface CameraGradient {
  /** ∂ω, 1 / rad, about the camera's own axes. */
  readonly gradRotation: Vec3;
  /** ∂ν, 1 / world unit, along the camera's own axes. */
  readonly gradTranslation: Vec3;
  /** ∂s, of the logarithm of both focal lengths. */
  readonly gradLogFocal: number;
}

/** All derivatives that {@link SplattingBackend.backpropagate} gives. */
export interface RenderGradients extends SplatGradients {
  readonly gradCamera: CameraGradient;
}

/** What a photo makes of the scene's colours (exposure, white balance): seen = matrix · color + offset. */
export interface ColorTransform {
  /** Row-major; R G B. */
  readonly matrix: Mat3;
  readonly offset: Vec3;
}

/** Derivatives of the loss with respect to each number of a {@link ColorTransform}. */
export interface ColorTransformGradient {
  readonly gradMatrix: Mat3;
  readonly gradOffset: Vec3;
}

/** What a step takes for one photo instead of what its target says. */
export interface ViewAdjustment {
  /** Of the target's width and height. */
  readonly camera: Camera;
  /**
   * Applied to the rendered colour, background included, before l1, dssim and the error statistics see it; null = identity. Depth and
   * alpha stay. Renderings of {@link SplattingBackend.render}, and so of held-out views, are without it.
   */
  readonly color: ColorTransform | null;
}

/** Derivatives of the step's loss with respect to the numbers of a {@link ViewAdjustment}. */
export interface ViewAdjustmentGradient {
  /** Of the image terms alone: the others do not see the camera (the flow loss holds its origin constant). */
  readonly camera: CameraGradient;
  readonly color: ColorTransformGradient | null;
}

/** A photo to be matched; everything at the camera's size. */
export interface TrainingTarget {
  readonly camera: Camera;
  /** [H, W, 3] 0..1 */
  readonly color: Float32Array;
  /** [H, W] weight of each pixel's photometric loss, 0 = masked out; null = all 1. */
  readonly weights: Float32Array | null;
  /**
   * Edge-aware weights of the depth TV loss [H, W, 2]: of the difference to the right neighbour and to the one below
   * (0 across a depth segment's border, falling with the photo's gradient); null = no TV for this target.
   */
  readonly tvWeights: Float32Array | null;
  /** [H, W] prior inverse depth (1 / world units), 0 where none; null = no depth loss. */
  readonly priorInverseDepth: Float32Array | null;
  /**
   * What sensors measured [H, W, 2]: inverse depth (1 / world units), 0 where none, and its weight (0..1, the surer the larger); absent or
   * null = no sensor loss. The loss's terms are held against the sum of the weights of all pixels that have a depth.
   */
  readonly sensorDepth?: Float32Array | null;
}

/**
 * Ties Gaussians to pixels' rays (CoherentGS): mean = origin + base · exp(δ), base = baseMean − origin.
 * δ_i = field(view, segment, pixel) + own_i, where the field is a sum of bilinear grids shared by neighbours.
 */
export interface RayAnchors {
  /** [N] index into `origins`; NO_ANCHOR for a Gaussian that moves freely. */
  readonly viewIndices: Uint16Array;
  /** [N, 2] position on the view's image as a fraction 0..1 of width and height (may lie a little outside for borders). */
  readonly imageCoords: Float32Array;
  /** [N] depth segment, < segmentCount. */
  readonly segments: Uint8Array;
  /** [V, 3] camera centres in the world. */
  readonly origins: Float32Array;
  readonly segmentCount: number;
  /**
   * Coarse to fine; every view and segment has one grid a level, zero at first. Empty: no field, only own δ (or an external one).
   * field = Σ_levels bilinear(grid, x, y), x = clamp(imageCoords.x, 0, 1) · (columns − 1), y likewise: values lie on the grid's corners.
   */
  readonly gridLevels: readonly { readonly columns: number; readonly rows: number }[];
}
export const NO_ANCHOR = 0xffff;

/** Pixels whose alpha is above this have a rendered depth that the depth losses may use. */
export const DEPTH_LOSS_MIN_ALPHA = 0.5;
/** Logarithms of depth: residuals of the sensor loss count squared below this, and by themselves beyond. */
export const SENSOR_DEPTH_SOFTNESS = 0.02;
/** The needle loss lets the longest axis be this many times the second longest. */
export const NEEDLE_RATIO_LIMIT = 4;
/** ε of the flow loss's ρ(d) = √(d² + ε²) − ε. */
export const FLOW_SOFTNESS = 0.01;

/**
 * Weights of the losses; 0 switches one off (and costs nothing). loss = Σ weight · term, evaluated before the step's update.
 * H, W: the target's size; N: Gaussians in the scene, dropped and invisible ones included; |x|'s derivative at 0 is 0.
 * Image terms: r = rendered colour (not clamped to 1; after the step's ColorTransform, if any), t = photo, w = weights (1 where null), A = alpha, D = depth.
 */
export interface LossWeights {
  /** Σ_p w_p Σ_c |r − t| / (3 Σ_p w_p); 0 where Σ w = 0. */
  readonly l1: number;
  /**
   * 1 − Σ_p w_p mean_c SSIM_pc / Σ_p w_p; 0 where Σ w = 0. SSIM of the images w·r and w·t (so a masked pixel is 0 in both, as is
   * everything outside of the image), with the normalised 11×11 Gaussian window of σ 1.5, zero padding, C1 = 0.01², C2 = 0.03²:
   * SSIM = (2 μx μy + C1)(2 σxy + C2) / ((μx² + μy² + C1)(σx² + σy² + C2)), σx² = G∗x² − μx², σxy = G∗xy − μx μy.
   */
  readonly dssim: number;
  /**
   * Σ over pairs of neighbours p, q (right, below) with A > DEPTH_LOSS_MIN_ALPHA at both, of tvWeights · |δ(p) − δ(q)|, over H·W;
   * δ = A / max(D, 1e-6). Whatever makes δ unitless (a typical depth) is part of tvWeights.
   */
  readonly depthTv: number;
  /** Σ over pixels with A > DEPTH_LOSS_MIN_ALPHA and a prior > 0 of |log(D / A) + log(priorInverseDepth)|, over H·W. */
  readonly depthPrior: number;
  /**
   * Σ_p v_p h(log(D / A) + log(inverse depth)) / Σ v over pixels with a measured depth, those with A ≤ DEPTH_LOSS_MIN_ALPHA counting 0 in
   * the first sum; v the target's sensor weights; h(e) = e² / (2s) for |e| ≤ s, else |e| − s / 2 (Huber's loss over its threshold s =
   * SENSOR_DEPTH_SOFTNESS): a wrong return pulls no harder than one that is off by s. 0 where Σ v = 0.
   */
  readonly sensorDepth: number;
  /** Mean over N of sigmoid(rawOpacities), without dropout's factor. */
  readonly opacity: number;
  /** Mean over N of Σ_k exp(logScales_k), world units; the caller folds the scene's unit into the weight. */
  readonly scale: number;
  /** Mean over N of max(0, l1 − l2 − log NEEDLE_RATIO_LIMIT), l1 ≥ l2 ≥ l3 the sorted log scales (ties: lower axis first). */
  readonly needle: number;
  /** Mean over N of δ_own² (0 for free Gaussians): how strongly a pixel holds on to its neighbours' depth. */
  readonly ownDepth: number;
  /**
   * Σ_j weights_j ρ(d_j) / M over the M flow pairs, d = |m1 − m2| / max(|m1 − origin1|, 1e-6), the denominator held constant;
   * ρ(d) = √(d² + FLOW_SOFTNESS²) − FLOW_SOFTNESS. origin1 is the first Gaussian's anchor origin; if it is free, the camera centre
   * of the step.
   */
  readonly flow: number;
}

export interface LearningRates {
  /** World units per step, for free Gaussians. */
  readonly means: number;
  /** δ_own, log units per step. */
  readonly ownDepth: number;
  /** Grid values, log units per step. */
  readonly rayField: number;
  readonly quats: number;
  readonly logScales: number;
  readonly rawOpacities: number;
  readonly shDc: number;
  readonly shRest: number;
}

/**
 * One optimisation step on one photo, described whole. Order: loss and gradients, statistics, Adam, opacity decay.
 *
 * Adam (Kingma & Ba 2015): m ← 0.9 m + 0.1 g, v ← 0.999 v + 0.001 g², p ← p − rate · m̂ / (√v̂ + 1e-15) with
 * m̂ = m / (1 − 0.9^iteration), v̂ = v / (1 − 0.999^iteration); dense: a Gaussian that the step does not see has g = 0 and drifts on by
 * its moments. A group whose rate is 0, and a grid level that is not active, is left alone, moments included.
 * Free Gaussians learn `means`; anchored ones learn δ_own and the grids instead, with ∂loss/∂δ = ∂loss/∂mean · (mean − origin).
 */
export interface TrainingStep {
  /** 1-based; used for Adam's bias correction. */
  readonly iteration: number;
  readonly target: TargetHandle;
  readonly render: RenderOptions;
  readonly losses: LossWeights;
  readonly learningRates: LearningRates;
  /**
   * Share of Gaussians left out of this step, drawn by `survivesDropout` of dropout-hash.ts; the rest get opacity / (1 − probability),
   * which may exceed 1: α is clipped to MAX_ALPHA as ever. Left-out ones get no rendering gradient, regularisers still act on them.
   */
  readonly dropout: { readonly probability: number; readonly seed: number };
  /**
   * Every activated opacity is multiplied by this after the step; 1 = off.
   * rawOpacities ← logit(d · sigmoid(x)) = log d + x − log(1 + (1 − d) eˣ), Adam's moments untouched.
   */
  readonly opacityDecay: number;
  /** How many grid levels move, from the coarsest. */
  readonly activeGridLevels: number;
  /** Absent: the target's own camera, colours as they are, and no cost. */
  readonly adjustment?: ViewAdjustment;
}

export interface StepReport {
  readonly loss: number;
  /** Mean |render − photo| of the weighted pixels, for the progress line. */
  readonly l1: number;
  readonly visibleCount: number;
  readonly pairCount: number;
  /** Where the step had an adjustment: how the loss depends on it. The caller moves cameras and colours; a backend keeps none. */
  readonly gradAdjustment?: ViewAdjustmentGradient;
}

/**
 * Per-Gaussian numbers gathered by {@link SplattingBackend.step} since the last {@link SplattingBackend.resetStatistics} or
 * {@link SplattingBackend.editScene}. Visible: blended into at least one pixel of the step's image.
 */
export interface SceneStatistics {
  /** [N] Σ over steps of the largest blending weight in that step's image. */
  readonly maxWeights: Float32Array;
  /** [N] Σ over steps of hypot(W/2 · ∂loss/∂u, H/2 · ∂loss/∂v) (INRIA's densification: the gradient in half-image units). */
  readonly gradMeans2d: Float32Array;
  /** [N] steps in which the Gaussian was visible. */
  readonly visibleSteps: Float32Array;
  /** [N] Σ over pixels and steps of blending weight × w · Σ_c |r − t| / 3: where the residual asks for more. */
  readonly errorWeights: Float32Array;
}

/** Pairs of Gaussians that two photos' matching pixels say are one surface point: [M] each. */
export interface FlowPairs {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  readonly weights: Float32Array;
}

/**
 * Keeps the records at `keep`, in that order (with their optimiser state, anchor, δ_own and residual opacity), and appends new free
 * ones (state zero). Grids stay. Statistics restart at zero; flow pairs are forgotten (set them again).
 */
export interface SceneEdit {
  readonly keep: Uint32Array;
  readonly append: Splats | null;
}

export type StateArray = Float32Array | Float64Array | Uint32Array | Uint16Array | Uint8Array;

/**
 * Everything behind a {@link SceneHandle}, as plain data: a training that goes on from it takes the very steps that it would have taken.
 * Gradients are not part of it: they live for one step.
 */
export interface SceneState {
  readonly backend: BackendName;
  /** Parameters as they render, as `readSplats` gives them: what another backend or a viewer can use. */
  readonly splats: Splats;
  /** The rest (moments, statistics, anchors, δ_own, grids, residuals, flow pairs), under names that only that backend knows. */
  readonly arrays: Readonly<Record<string, StateArray>>;
}

export interface SplattingBackend {
  readonly name: BackendName;
  /** Threads or a device's name, for reports. */
  readonly description: string;
  createScene(splats: Splats, anchors: RayAnchors | null): Promise<SceneHandle>;
  createTarget(target: TrainingTarget): Promise<TargetHandle>;
  setFlowPairs(scene: SceneHandle, pairs: FlowPairs | null): Promise<void>;
  /**
   * Replaces δ_own (of anchored Gaussians; free ones ignore it) and the residual that is added to every stored rawOpacity (zero at
   * first; the step and the decay change the stored part): how an external decoder drives anchored Gaussians. [N] each.
   */
  setRayResiduals(scene: SceneHandle, ownDepth: Float32Array, rawOpacities: Float32Array): Promise<void>;
  /**
   * [N] each; gradients of the last step's whole loss with respect to what {@link setRayResiduals} sets, 0 for δ_own of free
   * Gaussians; zeros before any step. Valid until the next backpropagate or editScene: a backend may reuse the memory.
   */
  readRayGradients(scene: SceneHandle): Promise<{ gradOwnDepth: Float32Array; gradRawOpacities: Float32Array }>;
  render(scene: SceneHandle, camera: Camera, options: RenderOptions): Promise<RenderedView>;
  /** Vector–Jacobian product of {@link render}, with respect to splats and camera. */
  backpropagate(
    scene: SceneHandle,
    camera: Camera,
    options: RenderOptions,
    upstream: ImageGradients,
  ): Promise<RenderGradients>;
  /** Throws when `iteration` is below 1, ShapeError for an adjusted camera of another size than the target's. */
  step(scene: SceneHandle, step: TrainingStep): Promise<StepReport>;
  readStatistics(scene: SceneHandle): Promise<SceneStatistics>;
  resetStatistics(scene: SceneHandle): Promise<void>;
  editScene(scene: SceneHandle, edit: SceneEdit): Promise<void>;
  /** Parameters as they render: means at origin + base · exp(δ), rawOpacities with the residual. */
  readSplats(scene: SceneHandle): Promise<Splats>;
  /** A copy; the scene goes on. */
  saveScene(scene: SceneHandle): Promise<SceneState>;
  /**
   * A new scene in the saved state. Throws ShapeError for the state of another backend and for one whose arrays are missing, have other
   * lengths or name things that are not there (states come from files).
   */
  restoreScene(state: SceneState): Promise<SceneHandle>;
  releaseScene(scene: SceneHandle): Promise<void>;
  releaseTarget(target: TargetHandle): Promise<void>;
  /** Stops threads and frees memory; the backend is unusable afterwards. */
  dispose(): Promise<void>;
}
