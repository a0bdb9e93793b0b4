import type { ReactElement } from 'react';

export function ViewerPanel(): ReactElement {
  return <div />;
}
