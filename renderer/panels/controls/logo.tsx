import type { ReactElement } from 'react';

/** Three views that meet in one point. */
export function Logo(): ReactElement {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path className="logo-view logo-view-1" d="M16 17L5 6h9z" />
      <path className="logo-view logo-view-2" d="M16 17L18 6h9z" />
      <path className="logo-view logo-view-3" d="M16 17l-5 9h10z" />
      <circle className="logo-point" cx="16" cy="17" r="3.2" />
    </svg>
  );
}
