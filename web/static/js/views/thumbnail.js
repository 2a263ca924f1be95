/** The picture of a clip. The server makes it for whoever looks at it first. */

const RETRY_MS = 2000;

/** @param {string} url */
export function thumbnail(url) {
  const image = document.createElement("img");
  image.alt = "";
  image.loading = "lazy";
  image.addEventListener("error", () => {
    window.setTimeout(() => { image.src = `${url}?again`; }, RETRY_MS); // it may have been too much at once
    image.addEventListener("error", () => image.remove(), { once: true });
  }, { once: true });
  image.src = url;
  return image;
}
