/** What a camera sees. */
import type { Locator } from '@playwright/test';
import decodeQR from '../../web/node_modules/qr/decode.js';

/** What a camera reads off a QR code on the screen. */
export async function scanned(code: Locator): Promise<string> {
  const size = 400;
  const data = await code.evaluate(async (svg, size) => {
    const copy = svg.cloneNode(true) as SVGElement;
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    copy.setAttribute('width', String(size));
    copy.setAttribute('height', String(size));
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(copy.outerHTML)}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = size;
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, size, size);
    pen.drawImage(image, 0, 0);
    return [...pen.getImageData(0, 0, size, size).data];
  }, size);
  return decodeQR({ width: size, height: size, data: Uint8ClampedArray.from(data) });
}
