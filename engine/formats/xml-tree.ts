/**
 * A small reader of XML 1.0 for files that hold data in it: elements, attributes, text, CDATA. What such files do not need is what
 * makes XML dangerous: a document type, and with it entities of its own, is refused; depth, number and size are bounded.
 */

export interface XmlElement {
  /** With its prefix. */
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, pieces put together, blanks around it gone. */
  readonly text: string;
}

/** Thrown for a document that is not well formed or goes beyond the bounds; `offset` counts UTF-16 units. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
  constructor(
    readonly problem: string,
    readonly offset: number,
  ) {
    super(`${problem} (character ${offset})`);
  }
}

export interface XmlBounds {
  readonly maxDepth: number;
  readonly maxElements: number;
}

interface OpenElement {
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  pieces: string[];
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const NAME = /[A-Za-z_:\u0080-\uFFFF][-.\w:\u0080-\uFFFF]*/y;
const ATTRIBUTE = /\s+([A-Za-z_:\u0080-\uFFFF][-.\w:\u0080-\uFFFF]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const MAX_ATTRIBUTES = 64;
const MAX_CODE_POINT = 0x10ffff;

/** Runs a sticky pattern at an offset. */
function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

function decodeReferences(text: string, offset: number): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&([^;&]{0,12});?/g, (whole, name: string) => {
    const named = NAMED[name];
    if (named !== undefined && whole.endsWith(';')) return named;
    const numeric = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name);
    const code = numeric === null ? NaN : parseInt(numeric[1] ?? numeric[2]!, numeric[1] === undefined ? 10 : 16);
    if (!(code > 0 && code <= MAX_CODE_POINT) || !whole.endsWith(';'))
      throw new XmlError('An entity is not known.', offset);
    return String.fromCodePoint(code);
  });
}

/** Reads one document front to back. */
class XmlReader {
  private at = 0;
  private elements = 0;
  private readonly open: OpenElement[] = [];
  private root: XmlElement | null = null;

  constructor(
    private readonly text: string,
    private readonly bounds: XmlBounds,
  ) {}

  read(): XmlElement {
    while (this.at < this.text.length) {
      const tag = this.text.indexOf('<', this.at);
      this.addText(this.text.slice(this.at, tag < 0 ? undefined : tag));
      if (tag < 0) break;
      this.at = tag;
      this.readMarkup();
    }
    if (this.open.length > 0) throw this.fail(`The element "${this.open.at(-1)!.name.slice(0, 40)}" does not end.`);
    if (this.root === null) throw this.fail('There is no element.');
    return this.root;
  }

  private readMarkup(): void {
    const { text, at } = this;
    if (text.startsWith('<!--', at)) this.skipPast('-->', 4);
    else if (text.startsWith('<![CDATA[', at)) {
      const from = at + 9;
      this.skipPast(']]>', 9);
      this.addRaw(text.slice(from, this.at - 3));
    } else if (text.startsWith('<?', at)) this.skipPast('?>', 2);
    else if (text.startsWith('<!', at)) throw this.fail('A document type is not allowed.');
    else if (text.startsWith('</', at)) this.readEnd();
    else this.readStart();
  }

  private skipPast(end: string, opening: number): void {
    const found = this.text.indexOf(end, this.at + opening);
    if (found < 0) throw this.fail(`"${end}" is missing.`);
    this.at = found + end.length;
  }

  private readStart(): void {
    const name = matchAt(NAME, this.text, this.at + 1)?.[0];
    if (name === undefined) throw this.fail('A name is missing.');
    if (this.root !== null) throw this.fail('There is a second root.');
    if (++this.elements > this.bounds.maxElements) throw this.fail('There are too many elements.');
    if (this.open.length >= this.bounds.maxDepth) throw this.fail('Elements lie too deep.');
    const attributes = new Map<string, string>();
    let at = this.at + 1 + name.length;
    for (let found = matchAt(ATTRIBUTE, this.text, at); found !== null; found = matchAt(ATTRIBUTE, this.text, at)) {
      if (attributes.has(found[1]!) || attributes.size >= MAX_ATTRIBUTES)
        throw this.fail('An attribute is there twice, or there are too many.');
      attributes.set(found[1]!, decodeReferences(found[2] ?? found[3]!, at));
      at += found[0].length;
    }
    const end = matchAt(TAG_END, this.text, at);
    if (end === null) throw this.fail('A tag does not end.');
    this.at = at + end[0].length;
    this.open.push({ name, attributes, children: [], pieces: [] });
    if (end[1] === '/') this.close();
  }

  private readEnd(): void {
    const name = matchAt(NAME, this.text, this.at + 2)?.[0] ?? '';
    const end = matchAt(TAG_END, this.text, this.at + 2 + name.length);
    if (end === null || end[1] === '/' || this.open.at(-1)?.name !== name)
      throw this.fail('An element ends that did not begin here.');
    this.at += 2 + name.length + end[0].length;
    this.close();
  }

  private close(): void {
    const { name, attributes, children, pieces } = this.open.pop()!;
    const element: XmlElement = { name, attributes, children, text: pieces.join('').trim() };
    const parent = this.open.at(-1);
    if (parent === undefined) this.root = element;
    else parent.children.push(element);
  }

  private addText(text: string): void {
    this.addRaw(decodeReferences(text, this.at));
  }

  private addRaw(text: string): void {
    const element = this.open.at(-1);
    if (element !== undefined) element.pieces.push(text);
    else if (text.replace('\uFEFF', '').trim() !== '') throw this.fail('There is text outside the root.');
  }

  private fail(problem: string): XmlError {
    return new XmlError(problem, this.at);
  }
}

/**
 * Parses a document.
 *
 * @returns its root.
 * @throws XmlError where it is not well formed, has a document type, or goes beyond the bounds.
 */
export function parseXml(text: string, bounds: XmlBounds): XmlElement {
  return new XmlReader(text, bounds).read();
}
