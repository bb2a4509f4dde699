// The sheet asks to be printed as soon as it stands; the button asks again.
document.querySelector("[data-print]").addEventListener("click", () => window.print());
if (!navigator.webdriver) window.addEventListener("load", () => window.print());
