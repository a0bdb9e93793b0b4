/**
 * From pointers, wheels and keys to the camera. Mouse: left orbits (or looks, flying), right looks, middle or Ctrl + left pans, the wheel
 * goes to the pointer, a double click sets the pivot. Trackpad: two fingers pan, a pinch zooms. Touch: one finger orbits,
 * two pan and pinch. Keys, while the canvas has the focus: arrows turn, with Shift they pan, + and − zoom, W A S D Q E fly.
 */
import type { CameraRig, DragKind, Thrust } from './camera-rig.js';
import type { NudgeStep } from './viewer-contract.js';

export interface InputHandlers {
  /** A press without a drag. */
  readonly click: (x: number, y: number) => void;
  readonly doubleClick: (x: number, y: number) => void;
  readonly hover: (x: number, y: number) => void;
  /** Something moved the camera, or will. */
  readonly moved: () => void;
}

export type PointerTool = (event: PointerEvent, phase: 'down' | 'move' | 'up' | 'cancel') => void;

interface Pressed {
  readonly startX: number;
  readonly startY: number;
  x: number;
  y: number;
  atMs: number;
  wasDragged: boolean;
  readonly kind: DragKind | 'tool';
}

const CLICK_PX = 4;
const TURN_STEP_RAD = 0.08;
const PAN_STEP = 0.06;
const ZOOM_STEP = 0.15;
/** A tap on a flight key moves by this, also where no frame comes between its press and its release. */
const TAP_STEP = 0.02;
const FLIGHT_STEPS: Readonly<Record<string, NudgeStep>> = {
  w: { forward: TAP_STEP },
  s: { forward: -TAP_STEP },
  d: { right: TAP_STEP },
  a: { right: -TAP_STEP },
  e: { up: TAP_STEP },
  q: { up: -TAP_STEP },
};

export class CanvasInput {
  tool: PointerTool | null = null;
  private readonly pointers = new Map<number, Pressed>();
  private readonly held = new Set<string>();
  private pinch: { distance: number; x: number; y: number } | null = null;
  private readonly abort = new AbortController();

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly rig: CameraRig,
    private readonly handlers: InputHandlers,
  ) {
    const { signal } = this.abort;
    const options = { signal };
    canvas.addEventListener('pointerdown', (event) => this.down(event), options);
    canvas.addEventListener('pointermove', (event) => this.move(event), options);
    canvas.addEventListener('pointerup', (event) => this.up(event, 'up'), options);
    canvas.addEventListener('pointercancel', (event) => this.up(event, 'cancel'), options);
    canvas.addEventListener('dblclick', (event) => this.doubleClick(event), options);
    canvas.addEventListener('contextmenu', (event) => event.preventDefault(), options);
    canvas.addEventListener('wheel', (event) => this.wheel(event), { signal, passive: false });
    canvas.addEventListener('keydown', (event) => this.keyDown(event), options);
    canvas.addEventListener('keyup', (event) => this.keyUp(event), options);
    canvas.addEventListener('blur', () => this.letGo(), options);
  }

  dispose(): void {
    this.abort.abort();
  }

  private place(event: MouseEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  private kindOf(event: PointerEvent): DragKind | 'tool' {
    if (event.button === 1 || (event.button === 0 && (event.ctrlKey || event.metaKey) && this.tool === null))
      return 'pan';
    if (event.button === 2) return 'look';
    if (this.tool !== null) return 'tool';
    return this.rig.navigation === 'fly' ? 'look' : 'orbit';
  }

  private down(event: PointerEvent): void {
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    this.rig.stop();
    const { x, y } = this.place(event);
    const kind = this.kindOf(event);
    // The middle button would start the browser's own scrolling.
    if (event.button === 1) event.preventDefault();
    this.pointers.set(event.pointerId, { startX: x, startY: y, x, y, atMs: event.timeStamp, wasDragged: false, kind });
    if (this.pointers.size === 2) {
      this.pinch = this.pinchOf();
      // Neither finger of a pinch clicks when it is lifted.
      for (const pressed of this.pointers.values()) pressed.wasDragged = true;
    }
    if (kind === 'tool') this.tool?.(event, 'down');
    this.handlers.moved();
  }

  private move(event: PointerEvent): void {
    const { x, y } = this.place(event);
    const pressed = this.pointers.get(event.pointerId);
    if (pressed === undefined) {
      if (event.pointerType !== 'touch') this.handlers.hover(x, y);
      return;
    }
    const [dx, dy] = [x - pressed.x, y - pressed.y];
    const dtMs = Math.max(1, event.timeStamp - pressed.atMs);
    pressed.wasDragged ||= Math.hypot(x - pressed.startX, y - pressed.startY) > CLICK_PX;
    Object.assign(pressed, { x, y, atMs: event.timeStamp });
    if (this.pointers.size >= 2) this.movePinch();
    else if (pressed.kind === 'tool') this.tool?.(event, 'move');
    else if (pressed.wasDragged && (dx !== 0 || dy !== 0)) this.rig.drag(pressed.kind, dx, dy, dtMs);
    this.handlers.moved();
  }

  private up(event: PointerEvent, phase: 'up' | 'cancel'): void {
    const pressed = this.pointers.get(event.pointerId);
    if (pressed === undefined) return;
    this.pointers.delete(event.pointerId);
    if (this.pointers.size < 2) this.pinch = null;
    if (pressed.kind === 'tool') this.tool?.(event, phase);
    else if (!pressed.wasDragged && event.button === 0 && phase === 'up') this.handlers.click(pressed.x, pressed.y);
    this.rig.release(event.timeStamp - pressed.atMs);
    this.handlers.moved();
  }

  private doubleClick(event: MouseEvent): void {
    if (this.tool !== null) return;
    const { x, y } = this.place(event);
    this.handlers.doubleClick(x, y);
  }

  private pinchOf(): { distance: number; x: number; y: number } {
    const [a, b] = [...this.pointers.values()] as [Pressed, Pressed];
    return { distance: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  }

  private movePinch(): void {
    const before = this.pinch;
    const now = this.pinchOf();
    this.pinch = now;
    if (before === null) return;
    this.rig.drag('pan', now.x - before.x, now.y - before.y, 0);
    this.rig.zoom(before.distance / now.distance, now);
  }

  /** A mouse's wheel comes in large even steps without a sideways part; what else scrolls is two fingers on a trackpad. */
  private wheel(event: WheelEvent): void {
    event.preventDefault();
    const unit =
      event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    const isMouse =
      event.deltaMode !== WheelEvent.DOM_DELTA_PIXEL || (dx === 0 && Math.abs(dy) >= 40 && Number.isInteger(dy));
    const pointer = this.place(event);
    // A pinch on a trackpad arrives as a wheel with Ctrl, in small steps.
    if (event.ctrlKey || isMouse)
      this.rig.zoom(Math.exp(Math.max(-1, Math.min(1, dy * (isMouse ? 0.0015 : 0.01)))), pointer);
    else this.rig.drag('pan', -dx, -dy, 0);
    this.handlers.moved();
  }

  private keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const flight = FLIGHT_STEPS[key];
    const step = flight === undefined ? stepOf(key, event.shiftKey) : this.held.has(key) ? null : flight;
    if (flight !== undefined) this.held.add(key);
    if (step !== null) this.rig.nudge(step);
    this.updateThrust(event.shiftKey);
    if (flight === undefined && step === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.handlers.moved();
  }

  private keyUp(event: KeyboardEvent): void {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    this.held.delete(key);
    this.updateThrust(event.shiftKey);
    this.handlers.moved();
  }

  private letGo(): void {
    this.held.clear();
    this.updateThrust(false);
  }

  private updateThrust(isFast: boolean): void {
    const axis = (plus: string, minus: string): number => Number(this.held.has(plus)) - Number(this.held.has(minus));
    const thrust: Thrust = { right: axis('d', 'a'), up: axis('e', 'q'), forward: axis('w', 's'), isFast };
    this.rig.thrust = thrust;
  }
}

/** What one press of a key does while the canvas has the focus. */
export function stepOf(key: string, shift: boolean): NudgeStep | null {
  switch (key) {
    case 'ArrowLeft':
      return shift ? { right: -PAN_STEP } : { yawRad: TURN_STEP_RAD };
    case 'ArrowRight':
      return shift ? { right: PAN_STEP } : { yawRad: -TURN_STEP_RAD };
    case 'ArrowUp':
      return shift ? { up: PAN_STEP } : { pitchRad: TURN_STEP_RAD };
    case 'ArrowDown':
      return shift ? { up: -PAN_STEP } : { pitchRad: -TURN_STEP_RAD };
    case '+':
    case '=':
      return { zoom: ZOOM_STEP };
    case '-':
    case '_':
      return { zoom: -ZOOM_STEP };
    default:
      return null;
  }
}
