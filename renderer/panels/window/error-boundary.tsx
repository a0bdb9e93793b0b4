import { Component } from 'react';
import type { ReactNode } from 'react';
import { i18next } from '../../app/i18n/index.js';
import { ReloadOverlay } from './connection-overlay.js';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

/** A fault of the window must not leave an empty page: the work is the host's and is still there. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true };
  }

  override render(): ReactNode {
    if (!this.state.isBroken) return this.props.children;
    return <ReloadOverlay title={i18next.t('unexpectedTitle')} text={i18next.t('unexpectedText')} />;
  }
}
