/** Signs of the viewer's buttons, drawn like the window's others: lines on 16×16. */
import type { ReactElement } from 'react';

const PATHS = {
  color:
    'M8 2.5a5.5 5.5 0 1 0 0 11c1.2 0 1.4-.9 1-1.6-.5-1 .1-2 1.200-2h1.700c1 0 1.600-.8 1.600-1.900A5.500 5.500 0 0 0 8 2.500M5 8h.01M6.500 5.500h.01M9.500 5.500h.01',
  depth: 'M2.500 12.500h11M4 9.500h8M5.500 6.500h5M7 3.500h2',
  alpha: 'M2.500 2.500h11v11h-11zM2.500 8h11M8 2.500v11',
  seen: 'M1.500 8S4 3.500 8 3.500 14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  points:
    'M4 11.500h.01M7 12.500h.01M10.500 11.500h.01M12.500 9h.01M5.500 8.500h.01M8.500 9.500h.01M10.500 6.500h.01M7.500 5.500h.01M4.500 5h.01M11.500 3.500h.01M8.500 3h.01',
  orbit: 'M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4M2 8c0-1.700 2.700-3 6-3s6 1.300 6 3-2.700 3-6 3M4.500 9.500L2 8l-.5 3',
  fly: 'M14 2L2 7l5 2 2 5zM14 2L7 9',
  frame: 'M2.500 5.500v-3h3M10.500 2.500h3v3M13.500 10.500v3h-3M5.500 13.500h-3v-3M6 6h4v4H6z',
  reset: 'M3 8a5 5 0 1 0 1.500-3.500L3 6M3 3v3h3',
  move: 'M8 2v12M2 8h12M6 4l2-2 2 2M6 12l2 2 2-2M4 6L2 8l2 2M12 6l2 2-2 2',
  layers: 'M8 2.500L14 5.500 8 8.500 2 5.500zM2 8.500l6 3 6-3M2 11.500l6 3 6-3',
  up: 'M8 13V3M4.500 6.500L8 3l3.500 3.500M2.500 14h11',
  flip: 'M5 2.500v11M2.500 5L5 2.500 7.500 5M11 13.500v-11M8.500 11l2.500 2.500 2.500-2.500',
  ruler: 'M1.500 10.500l9-9 4 4-9 9zM4.500 7.500l1.500 1.500M7 5l2 2M9.500 2.500L11 4',
  camera: 'M2 5h3l1-1.500h4L11 5h3v7.500H2zM8 11a2.250 2.250 0 1 0 0-4.500 2.250 2.250 0 0 0 0 4.500',
  zoomIn: 'M8 3v10M3 8h10',
  zoomOut: 'M3 8h10',
  left: 'M10 3L5 8l5 5',
  right: 'M6 3l5 5-5 5',
  top: 'M3 10l5-5 5 5',
  bottom: 'M3 6l5 5 5-5',
  rollLeft: 'M3.500 8.500a4.500 4.500 0 1 1 4.500 4.500M1.500 6.500l2 2.500 2.500-2',
  rollRight: 'M12.500 8.500A4.500 4.500 0 1 0 8 13M14.500 6.500l-2 2.500-2.500-2',
  close: 'M4 4l8 8M12 4l-8 8',
} as const;

export type ViewerIconName = keyof typeof PATHS;

export function ViewerIcon({ name }: { readonly name: ViewerIconName }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
