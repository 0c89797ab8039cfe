// Photos made small on the phone: at most 1280 px, WebP where the browser writes it, else JPEG. What it cannot open goes as
// it is, and the server says what is wrong with it.

const LONGEST = 1280, QUALITY = 0.8, SMALL = 250_000;

export async function shrunk(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const written = (type) => new Promise((done) => canvas.toBlob(done, type, QUALITY));
  const blob = await written("image/webp");
  const best = blob?.type === "image/webp" ? blob : await written("image/jpeg");
  return best && (scale < 1 || best.size < file.size || file.size > SMALL) ? best : file;
}
