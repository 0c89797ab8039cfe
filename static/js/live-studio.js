// The studio: camera, recorder, and the way its pieces take to the shop. Pieces wait here while there is no signal.
// A recorder and its pieces are a "take". Takes are sent one after the other, the pieces of each in order.

const studio = document.getElementById("studio");
const preview = document.getElementById("preview");
const byId = (id) => document.getElementById(id);
const token = studio.querySelector("[name=csrfmiddlewaretoken]").value;

const FORMATS = [
  ["video/mp4;codecs=avc1.42E01F,mp4a.40.2", "MP4_H264"],
  ["video/webm;codecs=h264,opus", "WEBM_H264"],
  ["video/webm;codecs=vp8,opus", "WEBM_VP8"],
];
const MOST_WAITING = 60_000_000; // bytes kept while there is no signal: some minutes
const RETRY_MS = [500, 1000, 2000, 4000];

let stream = null;
let facing = "environment";
let takes = [];
let onAir = false;
let sending = false;
let failures = 0;
let wakeLock = null;

function say(names, text = "") {
  for (const element of studio.querySelectorAll("[data-say]")) {
    element.hidden = !names.split(" ").includes(element.dataset.say);
    if (!element.hidden && text) element.textContent = text;
  }
}

async function post(address, body) {
  const headers = { "X-CSRFToken": token };
  if (body instanceof Blob) headers["Content-Type"] = "application/octet-stream";
  return fetch(address, { method: "POST", body, headers, signal: AbortSignal.timeout?.(20000) }); // not before iOS 16
}

// --- Camera and microphone ---

function whyNot() {
  if (!window.isSecureContext || !navigator.mediaDevices) return "https";
  if (!window.MediaRecorder || !FORMATS.some(([type]) => MediaRecorder.isTypeSupported(type))) return "old";
  return "";
}

// What stands in the way, as data-say has it; "" when the picture is there.
async function openCamera() {
  const problem = whyNot();
  if (problem) return problem;
  closeCamera();
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: facing, width: { ideal: 960 }, height: { ideal: 720 }, frameRate: { ideal: 25, max: 30 } },
      audio: { echoCancellation: true, noiseSuppression: true },
    });
  } catch (error) {
    return { NotAllowedError: "denied", NotFoundError: "missing", NotReadableError: "busy" }[error.name] || "denied";
  }
  preview.srcObject = stream;
  for (const track of stream.getTracks()) track.addEventListener("ended", () => { if (onAir) comeBack(); });
  setMuted(byId("mute").getAttribute("aria-pressed") === "true");
  byId("controls").hidden = false;
  listen();
  return "";
}

function closeCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

let listening = null;
let loudest = 0; // of what the microphone heard since somebody set it to 0
function listen() {
  listening?.close();
  const context = listening = new AudioContext();
  context.resume().catch(() => {});
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  byId("loudness").hidden = false;
  const timer = setInterval(() => {
    if (context.state === "closed") { clearInterval(timer); return; }
    analyser.getFloatTimeDomainData(samples);
    const loud = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    loudest = Math.max(loudest, loud);
    byId("loudness").value = Math.min(1, loud * 2);
  }, 150);
}

const QUIET = 0.02; // a voice is several times that
const isSilent = () => listening?.state === "running" && loudest < QUIET;

function light() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [32, 24];
  const pen = canvas.getContext("2d");
  pen.drawImage(preview, 0, 0, 32, 24);
  const pixels = pen.getImageData(0, 0, 32, 24).data;
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 4) sum += pixels[i] + pixels[i + 1] + pixels[i + 2];
  const mean = sum / (32 * 24 * 3);
  if (mean < 35) return "dark";
  return mean > 215 ? "bright" : "";
}

function setMuted(muted) {
  for (const track of stream?.getAudioTracks() ?? []) track.enabled = !muted;
  byId("mute").setAttribute("aria-pressed", muted);
}

// --- Recording ---

function record() {
  const [type, format] = FORMATS.find(([type]) => MediaRecorder.isTypeSupported(type));
  const take = { format, pieces: [], next: 0, waiting: 0, address: "", isDone: false };
  const recorder = new MediaRecorder(stream, {
    mimeType: type, videoBitsPerSecond: 1_200_000, audioBitsPerSecond: 96_000, videoKeyFrameIntervalDuration: 1000,
  });
  take.recorder = recorder;
  recorder.addEventListener("dataavailable", (event) => {
    if (!event.data.size || take.isDropped) return;
    take.pieces.push(event.data);
    take.waiting += event.data.size;
    if (take.waiting > MOST_WAITING) renew("lost");
    send();
  });
  recorder.addEventListener("stop", () => { take.isDone = true; send(); });
  recorder.addEventListener("error", () => renew());
  takes.push(take);
  recorder.start(500);
  send();
}

function stopRecorder(take) {
  if (take.recorder.state !== "inactive") take.recorder.stop();
}

// The shop takes no more of what is waiting: let it go and begin anew.
function renew(word = "") {
  for (const take of takes) { take.isDropped = true; stopRecorder(take); }
  takes = [];
  if (word) say(word);
  if (onAir && stream) record();
}

// --- Sending ---

async function send() {
  if (sending) return;
  sending = true;
  while (takes.length) {
    const take = takes[0];
    if (!take.pieces.length && !take.leaving) {
      if (!take.isDone) break;
      takes.shift();
      continue;
    }
    let answer;
    try {
      answer = await sendOne(take);
    } catch {
      answer = null; // no signal
    }
    if (take.isDropped) continue;
    if (answer?.ok) { if (failures) say(""); failures = 0; continue; }
    const code = answer && answer.status < 500 ? (await answer.json().catch(() => ({}))).code : "";
    if (code === "not_on_air") { over(); break; }
    const isBusy = !answer || answer.status >= 500 || answer.status === 429;
    if (!isBusy) renew();
    failures += 1;
    if (failures > 2) say("weak");
    await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(failures - 1, RETRY_MS.length - 1)]));
  }
  sending = false;
}

// Ask where to, or send one piece.
async function sendOne(take) {
  if (!take.address) {
    const answer = await post(studio.dataset.recorder, new URLSearchParams({ format: take.format }));
    if (answer.ok) take.address = (await answer.json()).address;
    return answer;
  }
  take.leaving ??= gather(take.pieces); // the same bytes under the same number, however often it has to be sent
  const answer = await post(`${take.address}${take.next}/`, take.leaving);
  if (answer.ok) { take.waiting -= take.leaving.size; take.leaving = null; take.next += 1; }
  return answer;
}

// Take out the first piece; with those after it while there is room, when some have gathered: fewer ways there and back.
const AT_ONCE = 300_000; // bytes: 20 seconds even at 120 kbit/s
function gather(pieces) {
  let [many, size] = [1, pieces[0].size];
  while (many < pieces.length && size + pieces[many].size <= AT_ONCE) size += pieces[many++].size;
  return new Blob(pieces.splice(0, many));
}

function over() {
  onAir = false;
  for (const take of takes) { take.isDropped = true; stopRecorder(take); }
  takes = [];
  closeCamera();
  location.reload();
}

// --- Going live, and staying there ---

async function keepAwake() {
  try { wakeLock = await navigator.wakeLock?.request("screen"); } catch { /* some phones don't; the farmer's thumb does */ }
}

const ENOUGH = 1000; // kbit/s: what a recorder sends, and some more
async function lineSpeed() {
  const bytes = 150_000;
  const begun = performance.now();
  const answer = await post(studio.dataset.line, new Blob([new Uint8Array(bytes)])).catch(() => null);
  return answer?.ok ? (bytes * 8) / (performance.now() - begun) : 0;
}

byId("check").addEventListener("click", async () => {
  const problem = await openCamera();
  if (problem) { say(problem); return; }
  say("checking");
  loudest = 0;
  const [speed] = await Promise.all([lineSpeed(), new Promise((done) => setTimeout(done, 3000))]);
  const line = speed ? (speed < ENOUGH ? "slow" : "") : "noline";
  say([light(), isSilent() ? "quiet" : "", line].filter(Boolean).join(" ") || "ready");
});

byId("go").addEventListener("click", async () => {
  byId("go").disabled = true;
  const problem = stream ? "" : await openCamera();
  if (problem) { say(problem); byId("go").disabled = false; return; }
  const answer = await post(studio.dataset.start).catch(() => null);
  if (!answer?.ok) {
    const told = await answer?.json().catch(() => null);
    if (told?.detail) say("refused", told.detail); else say("weak");
    byId("go").disabled = false;
    return;
  }
  onAir = true;
  say("");
  byId("on-air").hidden = false;
  byId("check").hidden = byId("go").hidden = true;
  byId("status").hidden = true; // it said that it was planned
  byId("call-off")?.remove();
  byId("end").hidden = false;
  keepAwake();
  record();
  document.body.dispatchEvent(new Event("gone-live")); // what is said appears, though the page stays as it is
});

byId("turn").addEventListener("click", async () => {
  facing = facing === "environment" ? "user" : "environment";
  await comeBack();
});
byId("mute").addEventListener("click", () => setMuted(byId("mute").getAttribute("aria-pressed") !== "true"));

// A new camera, or the old one after a call: the take that was is sent to its end, then comes the new one.
let coming = false;
async function comeBack() {
  if (coming) return;
  coming = true;
  for (const take of takes) stopRecorder(take);
  const problem = await openCamera();
  if (problem) say(onAir ? `${problem} away` : problem);
  else if (onAir) record();
  if (!problem && !byId("again").hidden) say("");
  byId("again").hidden = !(problem && onAir);
  coming = false;
}
byId("again").addEventListener("click", comeBack);

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState !== "visible" || !onAir) return;
  keepAwake();
  if (!stream || stream.getTracks().some((track) => track.readyState === "ended")) comeBack();
});

addEventListener("beforeunload", (event) => { if (onAir) event.preventDefault(); });

// Ending: what is still waiting goes first, for some seconds at most.
byId("end").addEventListener("submit", async (event) => {
  if (!onAir) return;
  event.preventDefault();
  onAir = false;
  for (const take of takes) stopRecorder(take);
  const until = Date.now() + 6000;
  await new Promise((done) => setTimeout(done, 200));
  while (takes.length && Date.now() < until) await new Promise((done) => setTimeout(done, 100));
  closeCamera();
  wakeLock?.release();
  byId("end").submit();
});
