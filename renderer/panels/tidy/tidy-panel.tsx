import type { ReactElement } from 'react';

export function TidyPanel(): ReactElement {
  return <div />;
}
