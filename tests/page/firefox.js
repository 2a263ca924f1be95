/** The way of a call in Firefox, as a person goes it. Prints what was seen as JSON.
 *
 *     node firefox.js <address> <Firefox> <profile folder> <picture to take>
 */

import puppeteer from "puppeteer-core";

const [address, executablePath, userDataDir, picture] = process.argv.slice(2);
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  userDataDir,
  headless: true,
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.peerconnection.ice.obfuscate_host_addresses": false,
    "media.autoplay.default": 0,
  },
});
try {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.setViewport({ width: 1280, height: 860 });
  await page.goto(address);
  await page.waitForSelector("#start-camera:not([disabled])");
  await page.click("#consent-analysis");
  await page.click("#consent-recording");
  // The boxes were scrolled to, and what sticks to the head of the page would take the click.
  await page.$eval("#start-camera", (button) => button.scrollIntoView({ block: "center" }));
  await page.click("#start-camera");
  await page.waitForSelector("#connection[data-state=connected]", { timeout: 10000 });
  await page.waitForSelector("#label[data-emotion]", { timeout: 10000 });
  await page.click("#start-recording");
  await page.waitForSelector("#clips li button", { timeout: 10000 });
  await page.click("#clips li button");
  await page.waitForFunction(() => {
    const player = document.querySelector("#player");
    return player instanceof HTMLVideoElement && player.currentTime > 0.5 && player.videoWidth > 0;
  }, { timeout: 10000 });
  await page.click("#tab-chat");
  await page.type("#chat-text", "Are you there?");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".turn .failure[data-code]", { timeout: 10000 });
  await page.screenshot({ path: picture });
  const seen = await page.evaluate(() => ({
    chat: document.querySelector(".turn .failure").dataset.code,
    label: document.querySelector("#label").dataset.emotion,
    reason: document.querySelector("#reason").textContent,
    clips: document.querySelectorAll("#clips li").length,
  }));
  await page.click("#stop-recording");
  await page.click("#stop-camera");
  await page.waitForSelector("#connection[data-state=idle]");
  const version = await browser.version();
  console.log(JSON.stringify({ version, ...seen, errors }));
} finally {
  await browser.close();
}
