/** The implicit convolutional decoder: weights in, maps out; and backwards. */
import { ShapeError } from '../../scene/errors.js';
import type { AdamWState } from './adam-w.js';
import { AdamW } from './adam-w.js';
import type { DecoderLayer, DecoderShape } from './decoder-shape.js';
import { countParameters, ENCODING_LENGTH, encodeViews, planDecoderLayers } from './decoder-shape.js';
import type { DrawGaussian } from './gaussian-random.js';
import { foldReflectPad, reflectPad } from './reflect-pad.js';
import type { Tensor, TensorFlow } from './tensorflow.js';

const NEGATIVE_SLOPE = 0.2;

/** A layer's weights on the device. */
interface LayerWeights {
  readonly filter: Tensor;
  readonly bias: Tensor;
  /** The filter turned by 180° with its channels exchanged: what carries gradients back. */
  readonly backFilter: Tensor;
}

/** What the way back needs of a layer's way forth. */
interface LayerTape {
  /** Input before resizing. */
  readonly input: Tensor;
  readonly padded: Tensor;
  /** After the activation, before coordinates are appended. */
  readonly output: Tensor;
}

function turnFilter(filter: Float32Array, { kernel, channelsIn, channelsOut }: DecoderLayer): Float32Array {
  const turned = new Float32Array(filter.length);
  const taps = kernel * kernel;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < channelsIn; i++) {
      for (let o = 0; o < channelsOut; o++) {
        turned[((taps - 1 - tap) * channelsOut + o) * channelsIn + i] = filter[
          (tap * channelsIn + i) * channelsOut + o
        ] as number;
      }
    }
  }
  return turned;
}

/** Coordinates −1 .. 1 from the first to the last pixel's centre, x then y. */
function coordinateChannels(tf: TensorFlow, views: number, height: number, width: number): Tensor {
  const values = new Float32Array(views * height * width * 2);
  const along = (i: number, length: number): number => (length === 1 ? 0 : (2 * i) / (length - 1) - 1);
  for (let p = 0; p < views * height * width; p++) {
    values[2 * p] = along(p % width, width);
    values[2 * p + 1] = along(Math.floor(p / width) % height, height);
  }
  return tf.tensor(values, [views, height, width, 2]);
}

/** All of a {@link ConvDecoder} that training changes. */
export interface ConvDecoderState extends AdamWState {
  /** [P] */
  readonly weights: Float32Array;
}

/**
 * CoherentGS's decoder ("X-Fields" structure, Bemana et al. 2020): from a view's encoded index at 1×1, levels of bilinear
 * upsampling (corners aligned), reflection padding, convolution and leaky ReLU 0.2; coordinates join after the first level; a last
 * convolution gives one channel per depth segment. One decoder serves all views, which are its batch.
 *
 * Weights start at N(0, √(2 / fan-in)), which keeps the signal's size at any width (the paper's N(0, 0.02) fades in a narrow
 * decoder), and the last layer at zero, so that training starts from the depths that were given.
 */
export class ConvDecoder {
  readonly layers: readonly DecoderLayer[];
  /** [P] all weights: per layer the filter [k, k, in, out], then the bias. */
  readonly weights: Float32Array;
  private readonly optimizer: AdamW;
  private readonly encoding: Tensor;
  private readonly coordinates: Tensor;
  private device: LayerWeights[] = [];
  private tape: LayerTape[] = [];

  constructor(
    private readonly tf: TensorFlow,
    readonly shape: DecoderShape,
    draw: DrawGaussian,
  ) {
    this.layers = planDecoderLayers(shape);
    this.weights = new Float32Array(countParameters(this.layers));
    let at = 0;
    for (const { kernel, channelsIn, channelsOut, last } of this.layers) {
      const count = kernel * kernel * channelsIn * channelsOut;
      const deviation = Math.sqrt(2 / (kernel * kernel * channelsIn));
      for (let i = 0; !last && i < count; i++) this.weights[at + i] = deviation * draw();
      at += count + channelsOut;
    }
    this.optimizer = new AdamW(this.weights);
    const views = shape.viewCount;
    const [first] = this.layers as [DecoderLayer, ...DecoderLayer[]];
    this.encoding = tf.tensor(encodeViews(views), [views, 1, 1, ENCODING_LENGTH]);
    this.coordinates = coordinateChannels(tf, views, first.height, first.width);
    this.uploadWeights();
  }

  /** Call after changing {@link weights} from outside. */
  uploadWeights(): void {
    this.releaseWeights();
    let at = 0;
    this.device = this.layers.map((layer) => {
      const { kernel, channelsIn, channelsOut } = layer;
      const count = kernel * kernel * channelsIn * channelsOut;
      // Copies: a library may hold on to the array that it is given.
      const filter = this.weights.slice(at, at + count);
      const bias = this.weights.slice(at + count, at + count + channelsOut);
      at += count + channelsOut;
      return {
        filter: this.tf.tensor(filter, [kernel, kernel, channelsIn, channelsOut]),
        bias: this.tf.tensor(bias, [channelsOut]),
        backFilter: this.tf.tensor(turnFilter(filter, layer), [kernel, kernel, channelsOut, channelsIn]),
      };
    });
  }

  /**
   * The maps before any squashing. Keeps what {@link backward} needs.
   *
   * @returns [viewCount, height, width, segmentCount]
   */
  async forward(): Promise<Float32Array> {
    this.releaseTape();
    const { tf } = this;
    tf.tidy(() => {
      let x = this.encoding;
      this.layers.forEach((layer, index) => {
        const { filter, bias } = this.device[index] as LayerWeights;
        const [, height, width] = x.shape;
        const resized =
          height === layer.height && width === layer.width
            ? x
            : tf.image.resizeBilinear(x, [layer.height, layer.width], true);
        const padded = layer.kernel === 1 ? resized : reflectPad(tf, resized);
        const output = tf.fused.conv2d({
          x: padded,
          filter,
          bias,
          strides: 1,
          pad: 'valid',
          activation: layer.last ? 'linear' : 'leakyrelu',
          leakyreluAlpha: NEGATIVE_SLOPE,
        });
        this.tape.push({ input: x, padded, output });
        x = layer.appendsCoordinates ? tf.concat([output, this.coordinates], 3) : output;
      });
      for (const entry of this.tape) for (const tensor of Object.values(entry) as Tensor[]) tf.keep(tensor);
    });
    const last = this.tape[this.tape.length - 1] as LayerTape;
    return Float32Array.from(await last.output.data());
  }

  /**
   * Gradient of ⟨gradMaps, {@link forward}'s maps⟩ with respect to the weights. Needs the last forward pass, which it consumes.
   *
   * @param gradMaps [viewCount, height, width, segmentCount]
   * @returns [P], in the order of {@link weights}
   */
  async backward(gradMaps: Float32Array): Promise<Float32Array> {
    const { tf } = this;
    if (this.tape.length === 0) throw new Error('backward needs a forward pass before it');
    const { viewCount, height, width, segmentCount } = this.shape;
    const parts = tf.tidy(() => {
      const gradients: { filter: Tensor; bias: Tensor }[] = [];
      let grad = tf.tensor(gradMaps, [viewCount, height, width, segmentCount]);
      for (let index = this.layers.length - 1; index >= 0; index--) {
        const step = tf.tidy(() => this.backwardLayer(index, grad));
        gradients.unshift({ filter: step.filter, bias: step.bias });
        grad.dispose();
        grad = step.input ?? grad;
      }
      return gradients;
    });
    this.releaseTape();
    const gradients = new Float32Array(this.weights.length);
    let at = 0;
    for (const part of parts) {
      for (const tensor of [part.filter, part.bias]) {
        const values = await tensor.data();
        gradients.set(values, at);
        at += values.length;
        tensor.dispose();
      }
    }
    return gradients;
  }

  /** One AdamW step. */
  applyGradients(gradients: Float32Array, learningRate: number): void {
    this.optimizer.step(gradients, learningRate);
    this.uploadWeights();
  }

  /** A copy. */
  save(): ConvDecoderState {
    return { weights: this.weights.slice(), ...this.optimizer.save() };
  }

  /** Goes on from a state that {@link save} gave for the same shape. Throws ShapeError for another. */
  restore(state: ConvDecoderState): void {
    if (state.weights.length !== this.weights.length)
      throw new ShapeError(`${state.weights.length} weights for a decoder of ${this.weights.length}`);
    this.optimizer.restore(state);
    this.weights.set(state.weights);
    this.uploadWeights();
  }

  dispose(): void {
    this.releaseTape();
    this.releaseWeights();
    this.encoding.dispose();
    this.coordinates.dispose();
  }

  private backwardLayer(index: number, gradOutput: Tensor): { filter: Tensor; bias: Tensor; input: Tensor | null } {
    const { tf } = this;
    const layer = this.layers[index] as DecoderLayer;
    const { input, padded, output } = this.tape[index] as LayerTape;
    const { kernel, channelsIn, channelsOut } = layer;
    // The sign of a leaky ReLU's output is that of its input. Appended coordinates have no gradient.
    const ofOutput = layer.appendsCoordinates ? tf.slice(gradOutput, [0, 0, 0, 0], output.shape) : gradOutput;
    const grad = layer.last ? ofOutput : tf.mul(ofOutput, tf.step(output, NEGATIVE_SLOPE));
    const bias = tf.sum(grad, [0, 1, 2]);
    const filter = tf.engine().runKernel(
      'Conv2DBackpropFilter',
      { x: padded, dy: grad },
      {
        strides: [1, 1],
        pad: 'valid',
        dataFormat: 'NHWC',
        dimRoundingMode: undefined,
        filterShape: [kernel, kernel, channelsIn, channelsOut],
      },
    ) as Tensor;
    if (index === 0) return { filter, bias, input: null };
    const margin: [number, number] = [kernel - 1, kernel - 1];
    const wide = tf.pad(grad, [[0, 0], margin, margin, [0, 0]]);
    const gradPadded = tf.conv2d(wide, (this.device[index] as LayerWeights).backFilter, 1, 'valid');
    const gradResized = kernel === 1 ? gradPadded : foldReflectPad(tf, gradPadded);
    const sameSize = input.shape[1] === layer.height && input.shape[2] === layer.width;
    const gradInput = sameSize
      ? gradResized
      : (tf
          .engine()
          .runKernel(
            'ResizeBilinearGrad',
            { images: input, dy: gradResized },
            { alignCorners: true, halfPixelCenters: false },
          ) as Tensor);
    return { filter, bias, input: gradInput };
  }

  private releaseTape(): void {
    const tensors = new Set(this.tape.flatMap((entry) => Object.values(entry) as Tensor[]));
    tensors.delete(this.encoding);
    for (const tensor of tensors) tensor.dispose();
    this.tape = [];
  }

  private releaseWeights(): void {
    for (const weights of this.device) for (const tensor of Object.values(weights) as Tensor[]) tensor.dispose();
    this.device = [];
  }
}
