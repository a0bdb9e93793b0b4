/** The viewer's own elements: a canvas that takes the focus and the input, and a layer over it for tools. */

/** What the viewer says to people, in their language. */
export interface ViewerWords {
  readonly label: string;
  readonly description: string;
  readonly contextLost: string;
  readonly noWebgl: string;
}

export interface ViewerElements {
  readonly root: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly overlay: HTMLElement;
}

export function createElements(): ViewerElements {
  const root = element('div', 'viewer-root');
  const canvas = element('canvas', 'viewer-canvas');
  const overlay = element('div', 'viewer-overlay');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  root.append(canvas, overlay);
  return { root, canvas, overlay };
}

export function nameCanvas(canvas: HTMLCanvasElement, words: ViewerWords): void {
  canvas.setAttribute('aria-label', words.label);
  canvas.setAttribute('aria-description', words.description);
}

/** The browser may take the context away and give it back. */
export function watchContext(canvas: HTMLCanvasElement, lost: () => void, restored: () => void): void {
  canvas.addEventListener('webglcontextlost', (event) => {
    // Without this it never comes back.
    event.preventDefault();
    lost();
  });
  canvas.addEventListener('webglcontextrestored', restored);
}

function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  created.className = className;
  return created;
}
