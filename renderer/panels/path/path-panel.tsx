import type { ReactElement } from 'react';

export function PathPanel(): ReactElement {
  return <div />;
}
