/** What the transport's buttons and keys do. */
import { jumpToKey, seek, stepFrames, togglePlay } from '../../viewer/path/playback.js';
import { LOOK_AHEAD, samplerOf, usePathStore } from './path-store.js';

export function hasPath(): boolean {
  return usePathStore.getState().path.keyframes.length > 0;
}

export function canPlay(): boolean {
  return usePathStore.getState().path.keyframes.length > 1;
}

export function playOrPause(): void {
  const { playback, path } = usePathStore.getState();
  const toggled = togglePlay(playback, path);
  usePathStore.setState({ playback: toggled, ...(toggled.isPlaying ? { isFollowing: true } : {}) });
}

export function scrubTo(timeMs: number): void {
  const { playback, path } = usePathStore.getState();
  usePathStore.setState({ playback: seek({ ...playback, isPlaying: false }, path, timeMs), isFollowing: hasPath() });
}

export function stepBy(frames: number): void {
  const { playback, path } = usePathStore.getState();
  usePathStore.setState({ playback: stepFrames(playback, path, frames), isFollowing: hasPath() });
}

export function goToStart(): void {
  scrubTo(0);
}

export function goToEnd(): void {
  scrubTo(usePathStore.getState().path.durationMs);
}

export function goToKey(direction: 1 | -1): void {
  const { playback, path } = usePathStore.getState();
  const { keyTimesMs } = samplerOf(path);
  const jumped = jumpToKey(playback, path, keyTimesMs, direction);
  const nearest = keyTimesMs.findIndex((time) => Math.abs(time - jumped.timeMs) < 1);
  const selectedKeyId = path.keyframes[nearest]?.id ?? null;
  usePathStore.setState({ playback: jumped, isFollowing: hasPath(), selectedKeyId });
}

export function setSpeed(speed: number): void {
  usePathStore.setState(({ playback }) => ({ playback: { ...playback, speed } }));
}

/** Leaves the path and gives the camera back, or takes it onto the path. */
export function toggleFollowing(): void {
  const { isFollowing, playback } = usePathStore.getState();
  usePathStore.setState({
    isFollowing: !isFollowing && hasPath(),
    look: LOOK_AHEAD,
    playback: { ...playback, isPlaying: false },
  });
}

export function lookAhead(): void {
  usePathStore.setState({ look: LOOK_AHEAD });
}
