// Talks to the server over HTTP; every failure comes out as an Error with a sentence for the person.

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error("The coach is not running any more. Start it again with: coach serve.");
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Error(typeof body.detail === "string" ? body.detail : `The coach answered ${response.status}.`);
  }
  return response.status === 204 ? null : response.json();
}

export const get = (path) => ask(path);
export const post = (path) => ask(path, { method: "POST" });
export const remove = (path, body) => ask(path, {
  method: "DELETE",
  headers: body ? { "content-type": "application/json" } : {},
  body: body ? JSON.stringify(body) : undefined,
});

let known = null;
/** What the server knows once and for all: exercises, protocols, safety notes. */
export async function about() {
  known ??= await get("/api/about");
  return known;
}

/** Sends a file as it is; `onProgress` is told the share.  Returns a promise and a way to cancel it. */
export function upload(path, file, onProgress) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open("POST", path);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("x-file-name", encodeURIComponent(file.name));
    request.responseType = "json";
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => (request.status < 300
      ? resolve(request.response)
      : reject(new Error(request.response?.detail ?? `The coach answered ${request.status}.`)));
    request.onerror = () => reject(new Error("The upload broke off."));
    request.onabort = () => reject(new Error("Cancelled."));
    request.send(file);
  });
  return { done, cancel: () => request.abort() };
}
