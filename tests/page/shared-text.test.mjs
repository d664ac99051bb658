// A text that the owner shares, on a page that copies it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, PHONE, hasNoViolation, startBrowser, stopBrowser, visit } from './support/browser.mjs';
import { screenshots, share } from './support/program.mjs';

const TEXT = '\n  Hello,\n\t<script>document.title = "no"</script></pre> & "you"\nhttps://example.org/?a=1&b=2\n';

let shared;
before(async () => {
  await startBrowser();
  shared = await share.text(TEXT);
});
after(async () => {
  await shared.stop();
  await stopBrowser();
});

const kinds = {
  desktop: DESKTOP,
  phone: PHONE,
  arabic: { ...PHONE, locale: 'ar' },
  dark: { colorScheme: 'dark' },
};
for (const [kind, settings] of Object.entries(kinds)) {
  test(`the text is there as it is: ${kind}`, async () => {
    await visit(shared.url, settings, async (page) => {
      const title = kind === 'arabic' ? 'نص لك' : 'A text for you';
      assert.equal(await page.title(), title);
      assert.equal(await page.locator('#text').evaluate((text) => text.textContent), TEXT);
      await hasNoViolation(page);
      await page.screenshot({ path: `${screenshots}/shared-text-${kind}.png` });
      const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
      assert.ok(!(scrollWidth > clientWidth), 'it fits');
      const raw = await (await fetch(`${shared.url}?raw`)).text();
      assert.equal(raw, TEXT);
    });
  });
}

test('it is copied, also where the page is not secure', async () => {
  await visit(shared.url, DESKTOP, async (page) => {
    for (const isSecure of [true, false]) {
      // What was copied, whichever way.
      await page.evaluate((isSecure) => {
        window.copied = null;
        const clipboard = isSecure ? { writeText: async (text) => { window.copied = text; } } : undefined;
        Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
        document.execCommand = () => { window.copied = document.querySelector('textarea').value; return true; };
      }, isSecure);
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByRole('status').filter({ hasText: 'Copied.' }).waitFor();
      assert.equal(await page.evaluate(() => window.copied), TEXT);
      await hasNoViolation(page);
    }
  });
});

test('without the script it can be read and taken', async () => {
  await visit(shared.url, { javaScriptEnabled: false }, async (page) => {
    assert.ok(await page.locator('#copy').isHidden());
    await page.getByRole('link', { name: 'Plain text' }).click();
    await page.waitForURL(`${shared.url}?raw`);
  });
});
