"""What /trust says, in both languages: how each kind of device is told to trust the authority."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.base import Language
from web.devices import Device


@dataclass(frozen=True, slots=True)
class Guide:
    """`tried` says whether these steps were gone through, or are from the vendor's documents."""

    title: str
    steps: Sequence[str]
    tried: bool = False


TRUST_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "Trust this server",
        "heading": "Let this device trust Mien",
        "why": "Mien has a certificate authority of its own, made on the machine it runs on. A device that trusts it "
        "opens Mien without a warning. This is done once for each device.",
        "limits": "It may only sign for addresses and names of private networks and of that machine. Whoever runs that "
        "machine can still read along there. Remove it from your device when you no longer use Mien.",
        "authority": "Authority",
        "compare": "Compare the fingerprint (SHA-256) with the one that Mien printed where it was started. If they "
        "differ, somebody is between you and the server: do not go on.",
        "profile": "Profile for iPhone, iPad and Mac",
        "certificate": "Certificate (.crt)",
        "pem": "Certificate (PEM)",
        "likely": "Probably this device",
        "tried": "These steps were tried.",
        "untried": "These steps are from the vendor's documents and were not tried on such a device.",
        "go": "Go on to Mien",
        "own": "This server has a certificate of its operator's own. Nothing needs to be trusted here: if the browser "
        "warns, ask whoever runs the server.",
    },
    "zh": {
        "title": "信任此服务器",
        "heading": "让这台设备信任 Mien",
        "why": "Mien 在运行它的机器上生成了自己的证书颁发机构。"
        "信任它的设备打开 Mien 时不再出现警告。每台设备只需做一次。",
        "limits": "它只能为专用网络以及那台机器的地址和名称签名。"
        "运行那台机器的人仍能看到其上的内容。不再使用 Mien 时，请从设备中移除它。",
        "authority": "颁发机构",
        "compare": "请将指纹（SHA-256）与启动 Mien 的地方显示的指纹比较。"
        "如果不同，说明有人夹在您和服务器之间：请不要继续。",
        "profile": "iPhone、iPad 和 Mac 的描述文件",
        "certificate": "证书（.crt）",
        "pem": "证书（PEM）",
        "likely": "可能是这台设备",
        "tried": "这些步骤已试过。",
        "untried": "这些步骤来自厂商文档，没有在这类设备上试过。",
        "go": "继续使用 Mien",
        "own": "此服务器使用其运营者自己的证书。这里无需信任任何东西：如果浏览器发出警告，请询问运行服务器的人。",
    },
}

GUIDES: Mapping[Language, Mapping[Device, Guide]] = {
    "en": {
        "ios": Guide(
            "iPhone and iPad",
            (
                "In Safari, download the profile above and allow it.",
                "Open Settings → General → VPN & Device Management, choose the profile and install it.",
                "Open Settings → General → About → Certificate Trust Settings and turn on full trust for the "
                "authority. Without this step the warning stays.",
            ),
        ),
        "android": Guide(
            "Android",
            (
                "Download the certificate (.crt) above.",
                "Open Settings → Security → Encryption & credentials → Install a certificate → CA certificate. On some "
                "phones it is under More security settings; searching the settings for “CA certificate” finds it.",
                "Choose Install anyway and pick the file. Android then says that the network may be monitored: that "
                "is how it speaks of every authority that was added by hand.",
            ),
        ),
        "windows": Guide(
            "Windows (Edge, Chrome)",
            (
                "Download the certificate (.crt) above and open it.",
                "Choose Install Certificate → Current User → Place all certificates in the following store → Trusted "
                "Root Certification Authorities.",
                "Confirm, and start the browser again.",
            ),
        ),
        "macos": Guide(
            "macOS (Safari, Chrome)",
            (
                "Download the certificate (.crt) above and open it: Keychain Access adds it to the login keychain.",
                "Open it there, and under Trust choose Always Trust for Secure Sockets Layer (SSL).",
                "Close the window, enter your password, and start the browser again.",
            ),
        ),
        "linux": Guide(
            "Linux (Chromium, Chrome)",
            (
                "Download the certificate (PEM) above.",
                "Install certutil (Debian and Ubuntu: libnss3-tools; Fedora: nss-tools), and run: "
                'certutil -d sql:$HOME/.pki/nssdb -A -t "C,," -n Mien -i mien-ca.pem',
                "Where that folder does not exist, make it first: mkdir -p $HOME/.pki/nssdb && "
                "certutil -d sql:$HOME/.pki/nssdb -N --empty-password",
                "Start the browser again.",
            ),
            tried=True,
        ),
        "firefox": Guide(
            "Firefox",
            (
                "On a computer, open the certificate (.crt) above in Firefox; it asks whether to trust the authority: "
                "tick Trust this CA to identify websites.",
                "If it only saves the file: Settings → Privacy & Security → Certificates → View Certificates → "
                "Authorities → Import.",
                "On Android, follow the guide for Android first. If Firefox still warns: Settings → About Firefox, tap "
                "the logo five times, then Settings → Secret Settings → Use third party CA certificates.",
            ),
        ),
    },
    "zh": {
        "ios": Guide(
            "iPhone 和 iPad",
            (
                "在 Safari 中下载上面的描述文件并允许。",
                "打开 设置 → 通用 → VPN 与设备管理，选择该描述文件并安装。",
                "打开 设置 → 通用 → 关于本机 → 证书信任设置，为该颁发机构打开完全信任。没有这一步，警告不会消失。",
            ),
        ),
        "android": Guide(
            "安卓",
            (
                "下载上面的证书（.crt）。",
                "打开 设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书。"
                "有些手机在“更多安全设置”中；在设置里搜索“CA 证书”即可找到。",
                "选择“仍然安装”并选取该文件。之后安卓会提示网络可能受到监控：对每个手动添加的颁发机构它都这样说。",
            ),
        ),
        "windows": Guide(
            "Windows（Edge、Chrome）",
            (
                "下载上面的证书（.crt）并打开。",
                "选择 安装证书 → 当前用户 → 将所有的证书都放入下列存储 → 受信任的根证书颁发机构。",
                "确认，然后重新启动浏览器。",
            ),
        ),
        "macos": Guide(
            "macOS（Safari、Chrome）",
            (
                "下载上面的证书（.crt）并打开：“钥匙串访问”会把它加入登录钥匙串。",
                "在那里打开它，在“信任”下为“安全套接字层 (SSL)”选择“始终信任”。",
                "关闭窗口，输入密码，然后重新启动浏览器。",
            ),
        ),
        "linux": Guide(
            "Linux（Chromium、Chrome）",
            (
                "下载上面的证书（PEM）。",
                "安装 certutil（Debian 和 Ubuntu：libnss3-tools；Fedora：nss-tools），然后运行："
                'certutil -d sql:$HOME/.pki/nssdb -A -t "C,," -n Mien -i mien-ca.pem',
                "如果该文件夹不存在，请先创建：mkdir -p $HOME/.pki/nssdb && "
                "certutil -d sql:$HOME/.pki/nssdb -N --empty-password",
                "重新启动浏览器。",
            ),
            tried=True,
        ),
        "firefox": Guide(
            "火狐（Firefox）",
            (
                "在电脑上，用 Firefox 打开上面的证书（.crt）；"
                "它会询问是否信任该颁发机构：勾选“信任由此证书颁发机构来标识网站”。",
                "如果它只保存了文件：设置 → 隐私与安全 → 证书 → 查看证书 → 证书颁发机构 → 导入。",
                "在安卓上，请先按安卓的说明操作。"
                "如果 Firefox 仍然警告：设置 → 关于 Firefox，点按徽标五次，然后 设置 → Secret Settings → "
                "Use third party CA certificates。",
            ),
        ),
    },
}
