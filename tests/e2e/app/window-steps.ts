/** What a person does in the window, step by step, by the names that the window shows. */
import type { Locator, Page } from 'playwright-core';

/** Software drawing beside a run on two cores is slow; nothing is judged by its time. */
export const PATIENCE_MS = 480_000;

export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Try the sample' }).click();
  await page.getByText('8 photos · 8 with a camera · 3 held out').waitFor({ timeout: PATIENCE_MS });
}

export async function choosePreset(page: Page, name: 'Draft' | 'Standard' | 'High'): Promise<void> {
  await page.getByRole('radiogroup', { name: 'Quality' }).getByText(name, { exact: true }).click();
  // The host holds the settings: the choice is made when it says so.
  await page.getByRole('radio', { name: new RegExp(`^${name}`), checked: true }).waitFor({ timeout: PATIENCE_MS });
}

export interface AdvancedSettings {
  readonly Iterations?: number;
  readonly 'Most splats'?: number;
}

/** Opens Advanced and types numbers into its fields. */
export async function setAdvanced(page: Page, settings: AdvancedSettings): Promise<void> {
  const disclosure = page.getByRole('button', { name: 'Advanced' });
  if ((await disclosure.getAttribute('aria-expanded')) !== 'true') await disclosure.click();
  for (const [label, value] of Object.entries(settings) as [string, number][]) {
    const field = page.getByLabel(label, { exact: true });
    await field.fill(String(value));
    await field.press('Tab');
  }
}

export async function startRun(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Start', exact: true }).first().click();
  await runTitle(page, /^(Starting|Running)/);
}

/** Waits until the run panel's heading says so. */
export async function runTitle(page: Page, text: RegExp): Promise<Locator> {
  const heading = page.getByRole('heading', { name: text });
  await heading.first().waitFor({ timeout: PATIENCE_MS });
  return heading.first();
}

/** Stands in a photo's camera by its tile. */
export async function standIn(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name: 'Photos' }).click();
  await page.getByRole('row', { name: new RegExp(name.replace('.', '\\.')) }).click();
  await page.getByText(`Standing in ${name}.`).first().waitFor({ state: 'attached', timeout: PATIENCE_MS });
}

/** Number of Gaussians that the HUD says are drawn; null before any. */
export async function drawnSplats(page: Page): Promise<number> {
  const hud = await page.locator('[aria-label="Drawing"]').first().innerText();
  const match = /([\d,]+) splats?/.exec(hud);
  return match === null ? 0 : Number((match[1] as string).replaceAll(',', ''));
}

export async function waitForSplats(page: Page, atLeast: number): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const count = await drawnSplats(page);
    if (count >= atLeast) return count;
    if (Date.now() > deadline) throw new Error(`only ${count} splats are drawn`);
    await page.waitForTimeout(500);
  }
}

/** A picture of the viewer's canvas alone: what lies over it is hidden while it is taken. */
export async function photographCanvas(page: Page): Promise<Buffer> {
  const canvas = page
    .locator('canvas[aria-label="View of the scene"], [aria-label="View of the scene"] canvas')
    .first();
  const overlays = await canvas.evaluateHandle((element) => {
    const hidden: HTMLElement[] = [];
    for (let node: Element | null = element; node !== null && !node.matches('main, body'); node = node.parentElement)
      for (const sibling of node.parentElement?.children ?? [])
        if (sibling !== node && sibling instanceof HTMLElement) {
          sibling.style.visibility = 'hidden';
          hidden.push(sibling);
        }
    return hidden;
  });
  try {
    return await canvas.screenshot({ timeout: PATIENCE_MS });
  } finally {
    await overlays.evaluate((elements) => {
      for (const element of elements) element.style.visibility = '';
    });
  }
}
