/** Line icons of 16×16, drawn here so that no font or picture has to be fetched. */
import type { ReactElement } from 'react';

const PATHS = {
  add: 'M8 3v10M3 8h10',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3.5 8.5l3 3 6-7',
  chevronDown: 'M4 6l4 4 4-4',
  chevronRight: 'M6 4l4 4-4 4',
  play: 'M5 3.5v9l7.5-4.5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  stop: 'M4 4h8v8H4z',
  export: 'M8 10V2.5M5 5.5l3-3 3 3M3 10v3h10v-3',
  photo: 'M2.5 3.5h11v9h-11zM2.5 11l3.5-3.5 3 3 2-2 2.5 2.5M10.5 6.25h.01',
  folder: 'M2 4h4l1.5 1.5H14V13H2z',
  camera: 'M2 5h3l1-1.5h4L11 5h3v7.5H2zM8 11a2.25 2.25 0 1 0 0-4.5 2.25 2.25 0 0 0 0 4.5',
  noCamera: 'M2 5h3l1-1.5h4L11 5h3v7.5H2zM2.5 14l11-12',
  warning: 'M8 2.5l6 11H2zM8 6.5v3.5M8 11.9h.01',
  error: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.5M8 11h.01',
  info: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5V11M8 5h.01',
  good: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.5 8.2l1.8 1.8 3.2-3.7',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4',
  eyeOff:
    'M2.5 13.5l11-11M4 11.3C2.4 9.9 1.5 8 1.5 8S4 3.5 8 3.5c1 0 1.9.3 2.7.6M13 5.900c1 1.100 1.500 2.100 1.500 2.100S12 12.500 8 12.500c-.6 0-1.200-.1-1.700-.2',
  target: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5',
  trash: 'M3 4.500h10M6 4.500V3h4v1.500M4.500 4.500l.5 8.500h6l.5-8.500M6.700 7v3.500M9.300 7v3.500',
  more: 'M3.500 8h.01M8 8h.01M12.500 8h.01',
  sun: 'M8 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M8 1.500v1.500M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1.100 1.100M11.500 11.500l1.100 1.100M3.400 12.600l1.100-1.100M11.500 4.500l1.100-1.100',
  menu: 'M2.500 4h11M2.500 8h11M2.500 12h11',
  mask: 'M2.500 2.500h11v11h-11zM2.500 10l7.500-7.500M5 13.500L13.500 5',
  lock: 'M4 7h8v6H4zM5.500 7V5a2.500 2.500 0 0 1 5 0v2',
  clock: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.500V8l2.500 1.500',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, className }: { readonly name: IconName; readonly className?: string }): ReactElement {
  return (
    <svg className={className === undefined ? 'icon' : `icon ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
