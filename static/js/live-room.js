// The room: plays the broadcast, or the recording. Without it the prices and the buttons work all the same.

const video = document.getElementById("player");
const playlist = video.dataset.playlist;
const isLive = "live" in video.dataset;
const waiting = document.getElementById("waiting");
const sound = document.getElementById("sound");

function play() {
  video.play().catch(() => {}); // refused until somebody taps; the player's own button does it then
}

// The first seconds of a broadcast have no playlist yet, and a weak signal loses requests: all is tried again.
let hls = null;
function playWithHls(Hls) {
  const patient = { maxNumRetry: 60, retryDelayMs: 1000, maxRetryDelayMs: 4000 };
  const load = { default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 20000, timeoutRetry: patient, errorRetry: patient } };
  hls = new Hls({
    enableWorker: false, // a worker would come from a blob: address, which the content policy refuses
    liveSyncDurationCount: 2,
    liveMaxLatencyDurationCount: 8,
    maxLiveSyncPlaybackRate: 1.2,
    manifestLoadPolicy: load,
    playlistLoadPolicy: load,
    fragLoadPolicy: load,
  });
  let mended = 0;
  hls.on(Hls.Events.FRAG_LOADED, (_event, { frag }) => judgeLine(frag));
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.details === Hls.ErrorDetails.FRAG_LOAD_TIMEOUT) tooSlow();
    if (!data.fatal) return;
    waiting.hidden = false;
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && mended++ < 5) hls.recoverMediaError();
    else setTimeout(() => hls.loadSource(playlist), 2000);
  });
  hls.on(Hls.Events.MANIFEST_PARSED, play);
  hls.loadSource(playlist);
  hls.attachMedia(video);
}

function playNatively() {
  video.src = playlist;
  video.addEventListener("error", () => setTimeout(() => {
    if (video.hidden) return;
    video.src = playlist;
    play();
  }, 2000));
  play();
}

// For who has too little signal for video, or saves data: the newest picture every few seconds. The words go on as they are.
const still = document.getElementById("still");
const pictures = document.getElementById("pictures");
const weak = document.getElementById("weak");
let turning = 0;

// Video that comes slower than it plays, several pieces running, and over a line that is to blame for it: pictures
// instead. Whoever taps for video after that gets it, and keeps it.
const ENOUGH = 250; // bits per ms (kbit/s)
let [slowRunning, hasChosen] = [0, false];
function judgeLine({ stats, duration }) {
  const took = stats.loading.end - stats.loading.start;
  if (took > duration * 1500 && (stats.loaded * 8) / took < ENOUGH) tooSlow();
  else slowRunning = 0;
}
function tooSlow() {
  slowRunning += 1;
  if (slowRunning < 3 || !pictures || hasChosen) return;
  hasChosen = true;
  weak.hidden = false;
  showPictures(true);
}

function newestPicture() { still.src = `${still.dataset.address}?${Math.floor(Date.now() / 4000)}`; }

function showPictures(wanted) {
  pictures.setAttribute("aria-pressed", wanted);
  video.hidden = wanted;
  still.hidden = !wanted;
  if (!wanted) weak.hidden = true;
  clearInterval(turning);
  if (wanted) {
    video.pause();
    if (hls) hls.stopLoad();
    else { video.removeAttribute("src"); video.load(); } // the browser's own player would go on asking for more
    waiting.hidden = true;
    newestPicture();
    turning = setInterval(newestPicture, 4000);
  } else {
    if (hls) hls.startLoad();
    else video.src = playlist;
    play();
  }
}

if (window.Hls && window.Hls.isSupported()) playWithHls(window.Hls);
else if (video.canPlayType("application/vnd.apple.mpegurl")) playNatively();
else {
  document.getElementById("cannot").hidden = false;
  if (pictures) showPictures(true);
}

if (pictures) {
  pictures.hidden = false;
  pictures.addEventListener("click", () => {
    hasChosen = true;
    showPictures(pictures.getAttribute("aria-pressed") !== "true");
  });
  if (navigator.connection?.saveData || /2g/.test(navigator.connection?.effectiveType ?? "")) showPictures(true);
}

let moved = Date.now();
video.addEventListener("timeupdate", () => { moved = Date.now(); waiting.hidden = true; });
if (isLive) setInterval(() => { waiting.hidden = video.paused || Date.now() - moved < 5000; }, 1000);

sound.hidden = !video.muted;
sound.addEventListener("click", () => { video.muted = false; play(); });
video.addEventListener("volumechange", () => { sound.hidden = !video.muted; });

// What a tap on "Buy a box" led to stands above the table: far up from the last thing on it.
document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  const block = matchMedia("(max-width: 859px)").matches ? "start" : "nearest";
  if (detail.target.id === "bought") detail.target.scrollIntoView({ block });
});

for (const button of document.querySelectorAll("button[data-seek-ms]")) {
  button.addEventListener("click", () => { video.currentTime = Number(button.dataset.seekMs) / 1000; play(); });
}
