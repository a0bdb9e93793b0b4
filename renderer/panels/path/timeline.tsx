/** The timeline: a slider for the playhead over a track with the keys on it. */
import { useRef } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { formatNumber } from '../../app/format.js';
import { useLanguage } from '../controls/use-language.js';
import type { PathKeyframe } from '../../viewer/path/camera-path.js';
import { KeyMarker } from './key-marker.js';
import { samplerOf, usePathStore } from './path-store.js';
import { goToEnd, goToStart, scrubTo, stepBy } from './path-transport.js';

/** Marks of the ruler: the finest of these steps that leaves them apart. */
const RULER_STEPS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000];
const MAX_MARKS = 12;

export function Timeline(): ReactElement {
  const { t } = useTranslation('path');
  const language = useLanguage();
  const { path, playback } = usePathStore();
  const durationMs = Math.max(path.durationMs, 1);
  const track = useRef<HTMLDivElement>(null);
  return (
    <div className="path-timeline">
      {/* Before the slider takes them: a step is a frame, whatever the length of the path. */}
      <div className="path-slider" onKeyDownCapture={stepByKey}>
        <Slider
          aria-label={t('playhead')}
          value={playback.timeMs / 1000}
          minValue={0}
          maxValue={durationMs / 1000}
          step={1 / path.fps}
          formatOptions={{ style: 'unit', unit: 'second', maximumFractionDigits: 2 }}
          onChange={(seconds) => scrubTo(seconds * 1000)}
        >
          <SliderTrack className="path-ruler">
            {rulerMarks(durationMs).map((timeMs) => (
              <span
                key={timeMs}
                className="path-mark numeric"
                style={{ left: `${(100 * timeMs) / durationMs}%` }}
                aria-hidden
              >
                {formatNumber(timeMs / 1000, language, 1)}
              </span>
            ))}
            <SliderThumb className="path-playhead" />
          </SliderTrack>
        </Slider>
      </div>
      <div className="path-keys" role="group" aria-label={t('keys')} ref={track}>
        <p className="visually-hidden" id="path-key-help">
          {t('keyHelp')}
        </p>
        <KeyMarkers durationMs={durationMs} widthPx={() => track.current?.clientWidth ?? 1} />
        <span className="path-needle" style={{ left: `${(100 * playback.timeMs) / durationMs}%` }} aria-hidden />
      </div>
    </div>
  );
}

function KeyMarkers({
  durationMs,
  widthPx,
}: {
  readonly durationMs: number;
  readonly widthPx: () => number;
}): ReactElement {
  const path = usePathStore((store) => store.path);
  const selectedKeyId = usePathStore((store) => store.selectedKeyId);
  const times = samplerOf(path).keyTimesMs;
  const keyframes = stableOrder(path.keyframes);
  const isSelectionHere = path.keyframes.some(({ id }) => id === selectedKeyId);
  return (
    <>
      {keyframes.map(({ keyframe, at }) => (
        <KeyMarker
          key={keyframe.id}
          keyframe={keyframe}
          number={at + 1}
          timeMs={times[at] as number}
          durationMs={durationMs}
          // One stop of the Tab key for all of them; arrows go on from there.
          isTabStop={isSelectionHere ? keyframe.id === selectedKeyId : at === 0}
          isSelected={keyframe.id === selectedKeyId}
          widthPx={widthPx}
        />
      ))}
    </>
  );
}

function stepByKey(event: KeyboardEvent): void {
  const frames = event.shiftKey ? 10 : 1;
  const actions: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => stepBy(-frames),
    ArrowDown: () => stepBy(-frames),
    ArrowRight: () => stepBy(frames),
    ArrowUp: () => stepBy(frames),
    PageDown: () => stepBy(-10),
    PageUp: () => stepBy(10),
    Home: goToStart,
    End: goToEnd,
  };
  const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions[event.key];
  if (action === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}

let lastOrder: readonly string[] = [];

/**
 * The keys in the order of time, but for one that passes another: an element that moves in the document loses the pointer and the
 * focus, in the middle of a drag. As long as the keys are the same ones, their elements stay where they are.
 */
export function stableOrder(
  keyframes: readonly PathKeyframe[],
): readonly { readonly keyframe: PathKeyframe; readonly at: number }[] {
  const places = new Map(keyframes.map(({ id }, at) => [id, at]));
  const isSame = lastOrder.length === keyframes.length && lastOrder.every((id) => places.has(id));
  if (!isSame) lastOrder = keyframes.map(({ id }) => id);
  return lastOrder.map((id) => {
    const at = places.get(id) as number;
    return { keyframe: keyframes[at] as PathKeyframe, at };
  });
}

export function rulerMarks(durationMs: number): number[] {
  const step = RULER_STEPS_MS.find((candidate) => durationMs / candidate <= MAX_MARKS) ?? durationMs;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, i) => i * step);
}
