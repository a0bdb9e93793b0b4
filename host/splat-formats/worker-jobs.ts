/** What the process that runs other people's format code is asked, and what it answers. */
import type { ImportErrorCode } from '../../engine/scene/errors.js';
import type { Vec3 } from '../../engine/math/rigid-transform.js';
import type { ReadFormat, WrittenFormat } from './format-names.js';

/** Where a page's picture starts, in the frame of the splats that are written. */
export interface PageView {
  readonly position: Readonly<Vec3>;
  readonly target: Readonly<Vec3>;
  /** Vertical field of view. */
  readonly fovDegrees: number;
}

export interface ReadJob {
  readonly kind: 'read';
  readonly path: string;
  readonly format: ReadFormat;
  /** Gets the bytes of encode-splats, as stored in the file. */
  readonly resultFile: string;
}

export interface WriteJob {
  readonly kind: 'write';
  /** Bytes of encode-splats. */
  readonly splatsFile: string;
  readonly format: WrittenFormat;
  readonly outputFile: string;
  readonly generator: string;
  readonly title: string;
  readonly view: PageView;
}

/** Tests only: misbehave as a damaged file might make somebody's code do. */
export interface MisbehaveJob {
  readonly kind: 'misbehave';
  readonly how: 'hang' | 'crash' | 'throw' | 'fill-memory';
}

export type WorkerJob = ReadJob | WriteJob | MisbehaveJob;

export type WorkerMessage =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'done' }
  | {
      readonly type: 'failed';
      readonly message: string;
      readonly isOutOfMemory: boolean;
      /** Of an ImportError. */
      readonly importError: {
        readonly code: ImportErrorCode;
        readonly problem: string;
        readonly where: string;
        readonly hint: string;
      } | null;
    };
