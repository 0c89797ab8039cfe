// Photos made small on the phone, to save data: upright, at most `longest` px, WebP where the browser writes it, else JPEG. What
// is small already, and what it cannot open (HEIC, not a picture), goes as it is: the server says what is wrong with it.

export async function shrunk(file, { longest, quality, small }) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file;
  }
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= small) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const written = (type) => new Promise((done) => canvas.toBlob(done, type, quality));
  const blob = await written("image/webp");
  return (blob?.type === "image/webp" ? blob : await written("image/jpeg")) ?? file;
}
